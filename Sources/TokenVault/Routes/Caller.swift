import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import VaultCore

/// Tells a route who calls.
struct Caller: Sendable {
    let authenticator: BearerAuthenticator

    /// - Throws: ``VaultProblem``.
    func principal(of request: Request, context: GatewayRequestContext) async throws -> Principal {
        // Two headers that may differ are as good as none.
        let authorization = request.headers[values: .authorization]
        let header = authorization.count == 1 ? authorization[0] : nil
        do {
            return try await self.authenticator.principal(authorization: header)
        } catch let failure as BearerFailure {
            throw self.problem(failure, authorization: header, logger: context.logger)
        }
    }

    /// The same for a token that stands in no request, as bytes.
    ///
    /// - Throws: ``VaultProblem``.
    nonisolated(nonsending) func principal(bearer: [UInt8], logger: @autoclosure () -> Logger) async throws
        -> Principal
    {
        do {
            return try await self.authenticator.principal(bearer: bearer)
        } catch let failure as BearerFailure {
            throw self.problem(failure, authorization: String(decoding: bearer, as: UTF8.self), logger: logger())
        }
    }

    private func problem(_ failure: BearerFailure, authorization: String?, logger: Logger) -> VaultProblem {
        var metadata: Logger.Metadata = ["reason": "\(failure)"]
        if let claims = UnverifiedClaims(authorization: authorization) {
            metadata.merge(claims.metadata) { $1 }
        }
        logger.info("A caller was not recognized", metadata: metadata)
        return VaultProblem(failure)
    }
}
