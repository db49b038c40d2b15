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
            var metadata: Logger.Metadata = ["reason": "\(failure)"]
            if let claims = UnverifiedClaims(authorization: header) {
                metadata.merge(claims.metadata) { $1 }
            }
            context.logger.info("A caller was not recognized", metadata: metadata)
            throw VaultProblem(failure)
        }
    }
}
