import Foundation
import ProgramSupport
import Testing

@testable import TokenPage

@Suite struct SettingsTests {
    private static let url = "https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/sampleToken"

    @Test func theURLAloneIsEnough() throws {
        let settings = try Settings(environment: ["TOKEN_VAULT_URL": Self.url])
        #expect(settings.tokenURL.absoluteString == Self.url)
        #expect(settings.resource == "https://tokenvault.azure.net")
        #expect(settings.vaultTimeout == .seconds(10))
        #expect(settings.maxVaultCalls == 16)
        #expect(settings.sharesVaultCalls)
        #expect(settings.maxInFlight == 2_048)
        #expect(settings.templates == nil)
        #expect(settings.troubleshooting.link(to: "azure-cli") == "/static/troubleshooting.html#azure-cli")
    }

    @Test func everySettingIsRead() throws {
        let settings = try Settings(environment: [
            "TOKEN_VAULT_URL": "http://127.0.0.1:8081/services/a/tokens/b",
            "TOKEN_VAULT_RESOURCE": "https://vault.example",
            "TOKEN_VAULT_TIMEOUT": "2.5",
            "TOKEN_VAULT_MAX_CALLS": "9",
            "TOKEN_VAULT_SHARE_CALLS": "False",
            "MAX_IN_FLIGHT": "12",
            "TOKEN_PAGE_TEMPLATES": "/t",
            "TOKEN_PAGE_DOCS_URL": "https://docs.example/TROUBLESHOOTING.md",
        ])
        #expect(settings.tokenURL.absoluteString == "http://127.0.0.1:8081/services/a/tokens/b")
        #expect(settings.resource == "https://vault.example")
        #expect(settings.vaultTimeout == .milliseconds(2_500))
        #expect(settings.maxVaultCalls == 9)
        #expect(!settings.sharesVaultCalls)
        #expect(settings.maxInFlight == 12)
        #expect(settings.templates == "/t")
        #expect(settings.troubleshooting.page == "https://docs.example/TROUBLESHOOTING.md")
    }

    @Test(arguments: ["short", "0123456789 abcdef", String(repeating: "x", count: 257)])
    func aSecretOfTheWebServerThatCannotBeOneIsRefused(secret: String) {
        #expect {
            try Settings(environment: ["TOKEN_VAULT_URL": Self.url, "TOKEN_PAGE_SECRET": secret])
        } throws: { error in
            "\(error)".hasPrefix("TOKEN_PAGE_SECRET must have") && !"\(error)".contains(secret)
        }
    }

    @Test func anEmptyVariableCountsAsUnset() throws {
        let settings = try Settings(environment: [
            "TOKEN_VAULT_URL": "", "tokenResourceUrl": Self.url, "TOKEN_VAULT_RESOURCE": "", "TOKEN_VAULT_TIMEOUT": "",
            "TOKEN_VAULT_MAX_CALLS": "", "TOKEN_VAULT_SHARE_CALLS": "", "MAX_IN_FLIGHT": "",
            "TOKEN_PAGE_TEMPLATES": "", "TOKEN_PAGE_DOCS_URL": "",
        ])
        #expect(settings.tokenURL.absoluteString == Self.url)
        #expect(settings.tokenURLVariable == "tokenResourceUrl")
        #expect(settings.vaultTimeout == .seconds(10))
        #expect(settings.templates == nil)
    }

    @Test func theNewNameWinsOverTheOldOne() throws {
        let settings = try Settings(environment: [
            "TOKEN_VAULT_URL": Self.url, "tokenResourceUrl": "https://other.example/services/a/tokens/b",
        ])
        #expect(settings.tokenURL.absoluteString == Self.url)
    }

    @Test(arguments: [
        ("TOKEN_VAULT_URL", ""), ("TOKEN_VAULT_URL", "name"), ("TOKEN_VAULT_URL", "/services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "https://"), ("TOKEN_VAULT_URL", "https:///services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "ftp://name.example/services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "http://name.example/services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "http://127.0.0.1.example/services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "https://u:sesame@name.example/services/a/tokens/b"),
        ("TOKEN_VAULT_URL", "https://name.example/services/a/tokens/b?key=sesame"),
        ("TOKEN_VAULT_URL", "https://name.example/services/a/tokens/b#x"),
        ("TOKEN_VAULT_URL", "https://name.example/services/a/tokens/b c"),
        ("TOKEN_VAULT_URL", "https://näme.example/services/a/tokens/b\n"),
        ("tokenResourceUrl", "name"),
        ("TOKEN_VAULT_RESOURCE", "two words"), ("TOKEN_VAULT_RESOURCE", "a\nb"),
        ("TOKEN_VAULT_RESOURCE", String(repeating: "a", count: 3_000)),
        ("TOKEN_VAULT_TIMEOUT", "0"), ("TOKEN_VAULT_TIMEOUT", "-1"), ("TOKEN_VAULT_TIMEOUT", "26"),
        ("TOKEN_VAULT_TIMEOUT", "10s"), ("TOKEN_VAULT_TIMEOUT", "nan"), ("TOKEN_VAULT_TIMEOUT", "1e9"),
        ("TOKEN_VAULT_TIMEOUT", "0x1"), ("TOKEN_VAULT_TIMEOUT", "1.2.3"), ("TOKEN_VAULT_TIMEOUT", " 1"),
        ("TOKEN_VAULT_MAX_CALLS", "0"), ("TOKEN_VAULT_MAX_CALLS", "1001"), ("TOKEN_VAULT_MAX_CALLS", "four"),
        ("TOKEN_VAULT_MAX_CALLS", "4.0"), ("TOKEN_VAULT_MAX_CALLS", "99999999999999999999"),
        ("TOKEN_VAULT_SHARE_CALLS", "yes"), ("TOKEN_VAULT_SHARE_CALLS", "0"),
        ("MAX_IN_FLIGHT", "0"), ("MAX_IN_FLIGHT", "-5"), ("MAX_IN_FLIGHT", "100001"),
        ("TOKEN_PAGE_DOCS_URL", "docs"), ("TOKEN_PAGE_DOCS_URL", "//evil.example/x"),
        ("TOKEN_PAGE_DOCS_URL", "javascript:alert(1)"), ("TOKEN_PAGE_DOCS_URL", "/page#there"),
    ])
    func aBadValueGetsOneSentenceWithItsNameAndAnExample(name: String, value: String) {
        var environment = name == "tokenResourceUrl" ? [:] : ["TOKEN_VAULT_URL": Self.url]
        environment[name] = value
        let error = #expect(throws: ConfigurationError.self) { try Settings(environment: environment) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix(name + " "))
        #expect(text.contains("for example ") || text.contains("such as "))
        #expect(text.hasSuffix("."))
        #expect(!text.contains("\n"))
        #expect(!text.contains("sesame"))
    }
}
