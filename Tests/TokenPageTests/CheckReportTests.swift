import AppAuthentication
import FastCGI
import ProgramSupport
import TestSupport
import Testing

@testable import TokenPage

@Suite struct CheckReportTests {
    private static func page(_ environment: [String: String]) throws -> App.Page {
        try PageVisit(environment: environment) { _ in .vault(token: "never") }.page
    }

    @Test func itSaysWhatWouldBeDone() throws {
        let text = CheckReport(
            page: try Self.page(["TOKEN_VAULT_TIMEOUT": "2.5"]),
            address: .unixSocket(path: "/run/token-page.sock", mode: 0o660, group: "www-data")
        ).text
        #expect(text.contains("unix socket /run/token-page.sock, mode 660, group www-data"))
        #expect(text.contains("Managed identity, then Azure CLI, then Active Directory Integrated Authentication"))
        #expect(text.contains("https://tokenvault.azure.net"))
        #expect(text.contains("https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/sampleToken"))
        #expect(text.contains("2.5 s"))
        #expect(text.contains("at most 16 at once"))
        #expect(text.contains(Checkout.templates))
    }

    @Test(arguments: [
        ("RunAs=App;AppId=a;TenantId=t;AppKey=sesame", "Client secret"),
        ("RunAs=App", "Managed identity"),
        ("RunAs=Developer;DeveloperTool=AzureCli", "Azure CLI"),
    ])
    func itNamesTheIdentityThatIsSelectedAndNoSecret(connectionString: String, name: String) throws {
        let page = try Self.page(["AzureServicesAuthConnectionString": connectionString])
        let text = CheckReport(page: page, address: nil).text
        #expect(text.split(separator: "\n").contains { $0.hasPrefix("identity: ") && $0.hasSuffix(" \(name)") })
        #expect(text.contains("nothing yet"))
        #expect(!text.contains("sesame"))
    }

    @Test(arguments: [
        (["AzureServicesAuthConnectionString": "RunAs=Nobody;AppKey=sesame"], "AzureServicesAuthConnectionString"),
        (["AZURE_AUTHORITY_HOST": "http://login.example"], "AZURE_AUTHORITY_HOST"),
        (["AZURE_TOKEN_CREDENTIALS": "all"], "AZURE_TOKEN_CREDENTIALS"),
    ])
    func aBadIdentityIsOneSentenceThatNamesItsVariable(environment: [String: String], name: String) {
        let error = #expect(throws: AzureServiceTokenProviderError.self) { try Self.page(environment) }
        let text = error.map { ConfigurationError(identityError: $0).description } ?? ""
        #expect(text.hasPrefix("\(name) cannot be used: "))
        #expect(text.contains("such as "))
        #expect(!text.contains("\n"))
        #expect(!text.contains("sesame"))
    }
}
