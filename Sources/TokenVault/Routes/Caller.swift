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
        do {
            // Two headers that may differ are as good as none.
            let authorization = request.headers[values: .authorization]
            return try await self.authenticator.principal(
                authorization: authorization.count == 1 ? authorization[0] : nil
            )
        } catch let failure as BearerFailure {
            context.logger.info("A caller was not recognised", metadata: ["reason": "\(failure)"])
            throw VaultProblem(failure)
        }
    }
}
