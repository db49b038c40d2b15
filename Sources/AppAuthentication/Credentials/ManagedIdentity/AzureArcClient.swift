import Foundation
import OAuthWire
import TokenTransport

/// Gets a token from the agent of Azure Arc, which wants to see that the caller may read a file of the agent.
struct AzureArcClient: Sendable {
    let client: ManagedIdentityClient
    /// The directory where the agent puts the files.
    let keyDirectory: String

    /// The token that the agent gives for a resource.
    ///
    /// - Throws: What ``ManagedIdentityClient`` throws.
    func token(resource: String) async throws -> TokenResponse {
        let request = try self.client.source.tokenRequest(resource: resource, id: self.client.id)
        let key = try await self.key(for: request)
        let response = try await self.response(to: request, key: key)
        try self.checkIdentity(response)
        return response
    }

    /// Asks without a key, and reads the one that the agent wants to see.
    private func key(for request: TransportRequest) async throws -> Secret {
        let challenge = try await self.client.answer(to: request)
        guard challenge.status == 401 else {
            // Without a challenge it is not the agent that answers, or not one that guards its tokens.
            throw ManagedIdentityError(
                "The agent of Azure Arc answered the first request with the status \(challenge.status); "
                    + "expected a 401 that names a key file."
            )
        }
        return try await AzureArcKeyFile(challenge: challenge, directory: self.keyDirectory).key()
    }

    private func response(to request: TransportRequest, key: Secret) async throws -> TokenResponse {
        var request = request
        request.headers.append(("Authorization", "Basic \(key.value)"))
        var client = self.client
        client.secret = key
        let answer = try await client.answer(to: request)
        return try client.token(in: answer)
    }

    /// Makes sure that the token is that of the identity that was asked for.
    ///
    /// An agent that is too old to know user-assigned identities ignores the parameter and gives the token of the
    /// machine; a newer one says whose token it is.
    private func checkIdentity(_ response: TokenResponse) throws {
        let wanted: String
        let said: String?
        switch self.client.id {
        case .systemAssigned: return
        case .clientID(let id): (wanted, said) = (id, response.clientID)
        case .objectID(let id): (wanted, said) = (id, response.objectID)
        case .resourceID(let id): (wanted, said) = (id, response.identityResourceID)
        }
        guard said?.lowercased() == wanted.lowercased() else {
            throw ManagedIdentityError(
                "The agent of Azure Arc does not say that its token is that of \(self.client.id), so the token is not "
                    + "used; this version of the agent may not know user-assigned identities."
            )
        }
    }
}
