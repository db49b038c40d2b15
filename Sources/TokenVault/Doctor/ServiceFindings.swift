import OAuthWire
import VaultCore

/// Whether people can log in at the services, and tokens be renewed.
struct ServiceFindings {
    let store: any AdministeredStore
    /// Nil when the key does not open the store.
    let sealer: CredentialSealer?
    /// Nil when a row of a provider cannot be used.
    let catalog: ProviderCatalog?
    /// Whether people can log in where no address to go back to is allowed at all.
    let hasConfirmationPage: Bool

    func all() async throws -> [DoctorFinding] {
        let tokens = Dictionary(grouping: try await self.store.tokens(), by: \.service)
        let general = try await self.store.returnURLs()
        var findings: [DoctorFinding] = []
        for service in try await self.store.services() {
            findings.append(
                try await self.finding(service, tokens: tokens[service.name] ?? [], returnURLs: general)
            )
        }
        return findings.isEmpty
            ? [.note("services", "There are none.", do: "make one with `token-vault service set`")] : findings
    }

    private func finding(
        _ service: StoredService,
        tokens: [StoredToken],
        returnURLs: [String]
    ) async throws -> DoctorFinding {
        let about = "service \(service.name)"
        let set = "`token-vault service set \(service.name)`"
        guard let catalog else {
            return .broken(about, "Its provider is not known as long as the settings are broken.")
        }
        guard let provider = catalog[service.provider] else {
            return .broken(
                about,
                "There is no provider \(service.provider).",
                do: "put its row into the directory of TOKEN_VAULT_PROVIDERS, or choose another with \(set)"
            )
        }
        let secrets = try await self.store.clientSecrets(of: service.name)
        let isForImports = service.configuration.clientID.isEmpty && secrets.isEmpty
        guard !isForImports || tokens.contains(where: { $0.credential?.refreshToken != nil }) else {
            return .note(
                about,
                "It has no client: it holds imported tokens, and nobody can log in.",
                do: "give it one with \(set), if people are to log in"
            )
        }
        if let sealer, secrets.contains(where: { (try? $0.open(with: sealer.keys)) == nil }) {
            return .broken(
                about,
                "A client secret of it does not open.",
                do: "remove it and add it again with `token-vault service secret`"
            )
        }
        do throws(ProviderRowError) {
            _ = try OAuthClient(
                provider: provider,
                service: service.configuration,
                secrets: secrets.map { _ in Secret("stored") }
            )
        } catch {
            return .broken(about, "It does not fit its provider: \(error)", do: "set it right with \(set)")
        }
        guard
            self.hasConfirmationPage
                || !(returnURLs + service.configuration.returnURLs + tokens.flatMap(\.returnURLs)).isEmpty
        else {
            return .broken(
                about,
                "Nobody can log in: no address is allowed to go back to.",
                do: "allow the application's with `token-vault service allow-return \(service.name) URL`"
            )
        }
        return .works(about, "\(provider.displayName), \(secrets.count) client secrets, \(tokens.count) tokens")
    }
}
