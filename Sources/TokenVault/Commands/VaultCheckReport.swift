import FastCGI
import Foundation
import ProgramSupport
import ServerCommand
import VaultCore

/// What the vault would do with its settings and its store, for the person who set it up; it holds no secret.
struct VaultCheckReport: Sendable {
    let text: String

    /// Opens the store and its key, as serving would.
    ///
    /// - Throws: ``ConfigurationError`` and `StoreError`.
    init(settings: Settings, keySource: KeySource, address: ListenAddress?, warnings: [String]) async throws {
        let store = try await UnsealedStore(settings.store, source: keySource).store
        try await store.checkWritable()
        let name = try await store.record()?.name ?? ""
        let policies = try await store.policies(on: nil)
        let rows = [
            ("settings", "can be used"),
            ("listens on", CheckTable.text(of: address)),
            ("store", "\(settings.store.address), named \(name)"),
            ("key", "\(keySource.place), opens the store"),
            ("issuers", settings.issuers.map(\.description).joined(separator: ", ")),
            ("audiences", settings.audiences.joined(separator: ", ")),
            ("public address", settings.publicURL ?? "the one that a caller asked for"),
            ("services", "\(try await store.services().count)"),
            ("tokens", Self.text(of: try await store.tokens(), now: store.now())),
            ("policies", Self.text(of: policies)),
        ]
        self.text = CheckTable(rows + Self.warnings(settings, policies, warnings).map { ("warning", $0) }).text
    }

    private static func text(of tokens: [StoredToken], now: Date) -> String {
        let empty = tokens.filter { $0.credential == nil }.count
        let expired = tokens.filter { $0.credential?.isExpired(at: now) == true }.count
        let notes = [(empty, "without a login"), (expired, "expired")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(tokens.count)" + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
    }

    private static func text(of policies: [AccessPolicy]) -> String {
        let readers = Dictionary(grouping: policies.filter { $0.allows(.getToken) }, by: { $0.resource == .store })
            .mapValues { Set($0.map(\.principal)) }
        let all = readers[true] ?? []
        let some = (readers[false] ?? []).subtracting(all)
        let notes = [(all.count, "may read every token"), (some.count, "may read some tokens")].filter { $0.0 > 0 }
        return "\(policies.count): "
            + (notes.isEmpty ? "nobody may read" : notes.map { "\($0.0) \($0.1)" }.joined(separator: ", "))
    }

    private static func warnings(_ settings: Settings, _ policies: [AccessPolicy], _ names: [String]) -> [String] {
        var warnings = names
        if let url = settings.publicURL, URL(string: url)?.host() == "token-vault.example.com" {
            warnings.append("TOKEN_VAULT_PUBLIC_URL is still the example of the shipped settings.")
        }
        if settings.providers.own.contains(LocalProvider.name) {
            warnings.append(
                "TOKEN_VAULT_LOCAL_PROVIDER is for development: people log in there without a password."
            )
        }
        if settings.hasConfirmationPage {
            warnings.append("TOKEN_VAULT_CONFIRMATION_PAGE is on, and it is for development.")
        }
        let tenants = Set(settings.issuers.compactMap(\.tenantID))
        for policy in policies
        where tenants.count == settings.issuers.count && !tenants.contains(policy.principal.tenantID) {
            warnings.append(
                "A policy is for tenant \(policy.principal.tenantID), and no issuer in TOKEN_VAULT_ISSUERS is that tenant's."
            )
        }
        return warnings
    }
}
