import ProgramSupport
import Testing
import VaultCore

@testable import TokenVault

struct SettingsTests {
    private static let good = [
        "TOKEN_VAULT_STORE": "/data/vault.sqlite", "TOKEN_VAULT_KEY_FILE": "/keys/key",
        "TOKEN_VAULT_ISSUERS": " https://sts.example.com/a/ ,http://127.0.0.1:8000/b,",
    ]

    private func complaint(_ changes: [String: String]) -> String {
        do {
            let settings = try Settings(environment: Self.good.merging(changes) { $1 })
            _ = try settings.store.keyFile()
            return "none"
        } catch {
            return (error as? ConfigurationError)?.description ?? "\(error)"
        }
    }

    @Test func theDefaults() throws {
        let settings = try Settings(environment: Self.good)
        #expect(settings.store.database == "/data/vault.sqlite")
        #expect(try settings.store.keyFile().path == "/keys/key")
        #expect(settings.issuers.map(\.description) == ["https://sts.example.com/a", "http://127.0.0.1:8000/b"])
        #expect(settings.audiences == ["https://tokenvault.azure.net"])
        #expect(settings.publicURL == nil)
        #expect(settings.maxInFlight == nil)
    }

    @Test func everySettingIsRead() throws {
        let changes = [
            "TOKEN_VAULT_AUDIENCES": "api://a, https://b/", "TOKEN_VAULT_PUBLIC_URL": "https://vault.example.com/",
            "MAX_IN_FLIGHT": "7",
        ]
        let settings = try Settings(environment: Self.good.merging(changes) { $1 })
        #expect(settings.audiences == ["api://a", "https://b/"])
        #expect(settings.publicURL == "https://vault.example.com")
        #expect(settings.maxInFlight == 7)
    }

    @Test(arguments: [
        ("TOKEN_VAULT_STORE", "", "TOKEN_VAULT_STORE is not set: "),
        ("TOKEN_VAULT_KEY_FILE", "", "TOKEN_VAULT_KEY_FILE is not set: "),
        ("TOKEN_VAULT_ISSUERS", " , ", "TOKEN_VAULT_ISSUERS is not set: "),
        ("TOKEN_VAULT_ISSUERS", "http://sts.example.com", "TOKEN_VAULT_ISSUERS holds \"http://sts.example.com\""),
        ("TOKEN_VAULT_PUBLIC_URL", "vault", "TOKEN_VAULT_PUBLIC_URL is not the URL of a site"),
        ("TOKEN_VAULT_PUBLIC_URL", "https://v/?q", "TOKEN_VAULT_PUBLIC_URL is not the URL of a site"),
        ("MAX_IN_FLIGHT", "0", "MAX_IN_FLIGHT is not a number"),
        ("MAX_IN_FLIGHT", "many", "MAX_IN_FLIGHT is not a number"),
    ])
    func aBadSettingIsNamed(name: String, value: String, complaint: String) {
        #expect(self.complaint([name: value]).hasPrefix(complaint))
    }
}
