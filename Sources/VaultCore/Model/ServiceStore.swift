/// Services, and their client secrets.
package protocol ServiceStore: Sendable {
    func service(_ name: String) async throws -> StoredService?
    /// Services by name, those behind a name first.
    func services(after name: String, limit: Int) async throws -> [StoredService]
    /// Makes a service; the one that has the name afterwards may be an older one with another provider.
    func createService(_ name: String, provider: String) async throws -> (service: StoredService, isNew: Bool)
    /// Makes or changes a service.
    ///
    /// A client secret that it has already stays as it is; another one becomes the first, and the oldest beyond
    /// ``StoredClientSecret/limit`` goes. Without one, the secrets stay. Tokens with a credential of another hash than the
    /// configuration's are in ``TokenProblem/serviceChanged`` for as long as that is so.
    func putService(
        _ name: String,
        configuration: ServiceConfiguration,
        clientSecret: String?,
        sealer: CredentialSealer
    ) async throws -> ServiceChange
    /// Forgets a service that has no tokens, or with its tokens and their credentials; its policies go too.
    ///
    /// - Returns: How many tokens it had; nil when there is no such service.
    func deleteService(_ name: String, withTokens: Bool) async throws -> Int?

    /// The client secrets of a service, the newest first.
    func clientSecrets(of service: String) async throws -> [StoredClientSecret]
    /// Adds a client secret.
    ///
    /// - Returns: It, or the one that is there already with the same text; nil when there is no such service, or
    ///   ``StoredClientSecret/limit`` are there.
    func addClientSecret(
        _ secret: String,
        to service: String,
        sealer: CredentialSealer
    ) async throws -> StoredClientSecret?
    /// Forgets a client secret; false when there was none of that number.
    func removeClientSecret(_ version: Int64, of service: String) async throws -> Bool
}

extension ServiceStore {
    /// All services, by name.
    package func services() async throws -> [StoredService] {
        try await self.services(after: "", limit: .max)
    }
}
