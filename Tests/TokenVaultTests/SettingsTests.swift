import Foundation
import ProgramSupport
import ServerCommand
import Testing
import VaultCore

@testable import TokenVault

struct SettingsTests {
    private static let good = [
        "TOKEN_VAULT_STORE": "/data/vault.sqlite", "TOKEN_VAULT_KEY_FILE": "/keys/key",
        "TOKEN_VAULT_ISSUERS":
            " https://sts.example.com/11111111-1111-1111-1111-111111111111/ ,http://127.0.0.1:8000/b,",
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
        #expect(settings.store.address == .file("/data/vault.sqlite"))
        #expect(try settings.store.keyFile().path == "/keys/key")
        #expect(
            settings.issuers.map(\.description) == [
                "https://sts.example.com/11111111-1111-1111-1111-111111111111", "http://127.0.0.1:8000/b",
            ]
        )
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
        (
            "TOKEN_VAULT_ISSUERS", "https://sts.windows.net/TENANT-ID/",
            "TOKEN_VAULT_ISSUERS holds \"https://sts.windows"
        ),
        ("TOKEN_VAULT_ISSUERS", "https://sts.windows.net/{tenantid}/", "TOKEN_VAULT_ISSUERS holds \"https://sts.win"),
        ("TOKEN_VAULT_ISSUERS", "https://a.example/t https://b.example/t", "TOKEN_VAULT_ISSUERS holds \"https://a"),
        (
            "TOKEN_VAULT_ISSUERS", "https://login.microsoftonline.com/common/v2.0",
            "TOKEN_VAULT_ISSUERS holds \"https://login.microsoftonline.com/common/v2.0\", and no token names \"common\""
        ),
        (
            "TOKEN_VAULT_ISSUERS", "https://a.example/t,https://b.example/t",
            "TOKEN_VAULT_ISSUERS holds https://a.example/t and https://b.example/t, whose addresses name no tenant"
        ),
        ("TOKEN_VAULT_AUDIENCES", "api://CLIENT-ID", "TOKEN_VAULT_AUDIENCES holds \"api://CLIENT-ID\": put the real"),
        ("TOKEN_VAULT_AUDIENCES", "api://a api://b", "TOKEN_VAULT_AUDIENCES holds \"api://a api://b\", with white"),
        ("TOKEN_VAULT_PUBLIC_URL", "vault", "TOKEN_VAULT_PUBLIC_URL is not the URL of a site"),
        ("TOKEN_VAULT_PUBLIC_URL", "https://v/?q", "TOKEN_VAULT_PUBLIC_URL is not the URL of a site"),
        ("MAX_IN_FLIGHT", "0", "MAX_IN_FLIGHT is not a number"),
        ("MAX_IN_FLIGHT", "many", "MAX_IN_FLIGHT is not a number"),
    ])
    func aBadSettingIsNamed(name: String, value: String, complaint: String) {
        #expect(self.complaint([name: value]).hasPrefix(complaint))
    }
}

struct SettingNamesTests {
    @Test(arguments: [
        ("TOKEN_VAULT_TIMOUT", "TOKEN_VAULT_TIMEOUT"), ("TOKEN_VAULT_ISSUER", "TOKEN_VAULT_ISSUERS"),
        ("token_vault_url", "TOKEN_VAULT_URL"), ("TOKENVAULT_URL", "TOKEN_VAULT_URL"),
        ("MAX_INFLIGHT", "MAX_IN_FLIGHT"),
        ("LOGLEVEL", "LOG_LEVEL"), ("tokenResourceURL", "tokenResourceUrl"),
        ("TOKEN_PAGE_DOC_URL", "TOKEN_PAGE_DOCS_URL"),
    ])
    func aMistypedSettingIsNamedWithTheRightOne(name: String, meant: String) {
        #expect(
            SettingNames.warnings(environment: [name: "1", "PATH": "/bin"])
                == ["The variable \(name) is not a setting; is \(meant) meant?"]
        )
    }

    /// The first column of the tables of settings: `| `NAME`, `NAME` | …`.
    private static func documentedNames(_ page: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/\(page)"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { line in
            line.split(separator: "|")[0].split(separator: "`").filter { name in
                name.contains { $0.isLetter } && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            }.map(String.init)
        }
    }

    @Test(arguments: [("settings.md", "TOKEN_VAULT_SHARE_CALLS"), ("vault.md", "TOKEN_VAULT_CA_FILE")])
    func aDocumentedSettingIsNoMistypedSetting(page: String, example: String) throws {
        let names = try Self.documentedNames(page)
        #expect(names.contains(example))
        let environment = Dictionary(names.map { ($0, "1") }) { first, _ in first }
        #expect(SettingNames.warnings(environment: environment) == [])
    }

    @Test func anUnknownNameOfOursIsSaidAndOthersAreLeftAlone() {
        let environment = [
            "TOKEN_VAULT_COLOUR_OF_LOGO": "red", "TOKEN_VAULT_URL": "https://v", "HOME": "/", "TOKEN": "x",
            "LOG_LEVEL": "info",
        ]
        #expect(
            SettingNames.warnings(environment: environment) == [
                "The variable TOKEN_VAULT_COLOUR_OF_LOGO is not a setting."
            ]
        )
    }
}
