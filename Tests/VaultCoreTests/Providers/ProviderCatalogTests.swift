import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultTestSupport

@testable import VaultCore

@Suite("ProviderCatalog")
struct ProviderCatalogTests {
    /// What a service of each provider may have to give besides its client.
    static let parameters = [
        "resourceUri": "https://graph.microsoft.com", "host": "a.example.com", "subdomain": "acme", "shop": "acme",
        "account": "acme", "applicationId": "amzn1.sp.solution.1", "issuer": "https://login.example.com/realm",
        "store": "stores/abc",
        "AuthorizationUrlTemplate": "https://a.example/auth",
        "AuthorizationUrlQueryStringTemplate": "?client_id={ClientId}&state={State}",
        "TokenUrlTemplate": "https://a.example/token", "TokenBodyTemplate": "code={Code}",
    ]

    static var names: [String] { (try? ProviderSample.catalog().names) ?? [] }

    @Test func theVaultBringsTheProvidersThatPeopleAskFor() throws {
        let names = try ProviderSample.catalog().names
        #expect(names.count >= 60)
        for name in [
            "google", "microsoft", "dropbox", "github", "github-app", "gitlab", "slack", "atlassian", "salesforce",
            "linkedin", "facebook", "aad", "oauth2generic", "oidc",
        ] {
            #expect(names.contains(name))
        }
    }

    @Test(arguments: names)
    func aLoginCanBeBegunAndFinishedAtEachOfThem(name: String) throws {
        let provider = try #require(try ProviderSample.catalog()[name])
        let wanted =
            provider.usesTemplates
            ? Set(Self.parameters.keys.filter { $0.hasSuffix("Template") })
            : Set(Self.parameters.keys.filter { provider.placeholders[$0.lowercased()]?.defaultValue == nil })
                .filter { provider.placeholders[$0.lowercased()] != nil }
        var client = try ProviderSample.client(name, Self.parameters.filter { wanted.contains($0.key) })
        if try client.discoveryURL() != nil {
            let issuer = try #require(client.expectedIssuer)
            let metadata = """
                {"issuer":"\(issuer)","authorization_endpoint":"https://a.example/auth","token_endpoint":"https://a.example/token"}
                """
            client = try client.discovered(Data(metadata.utf8))
        }
        let page = try client.authorizationURL(
            .init(redirectURI: ProviderSample.redirectURI, state: "the-state", codeChallenge: "ch", nonce: "n")
        )
        #expect(page.scheme == "https")
        #expect(FormFields(page.query(percentEncoded: true) ?? "")["state"] == "the-state")
        let exchange = try client.request(for: ProviderSample.code, now: ProviderSample.now)
        #expect(exchange.url.scheme == "https")
        #expect(exchange.fields.values.contains("the code"))
        #expect(!"\(exchange)".contains("the code"))
    }

    @Test(
        arguments: [
            ("{\"a\": 1}", "a is not an object."),
            ("{\"a\": {\"tokenUrl\": \"https://x/t\"}}", "a.authorizeUrl is missing."),
            (
                "{\"a\": {\"extends\": \"google\", \"tokenURL\": \"x\"}}",
                "a.tokenURL is not a column that this version knows."
            ),
            ("{\"a\": {\"extends\": \"nobody\"}}", "a.extends does not name a row that is there."),
            ("{\"a\": {\"extends\": \"a\"}}", "a.extends does not name a row that is there."),
            ("{\"A b\": {\"extends\": \"google\"}}", "A b is no name: use a-z, 0-9, '.', '_' and '-'."),
            ("{\"a\": {\"extends\": \"google\", \"clientAuth\": \"magic\"}}", "a.clientAuth is none of post, basic"),
            ("{\"a\": {\"extends\": \"google\", \"defaultTTL\": \"soon\"}}", "a.defaultTTL is not a time"),
            ("{\"a\": {\"extends\": \"google\", \"tokenUrl\": \"http://x.example/t\"}}", "a.tokenUrl is not https"),
            ("{\"a\": {\"extends\": \"google\", \"tokenUrl\": \"https://u@x.example/t\"}}", "a.tokenUrl has a user"),
            (
                "{\"a\": {\"extends\": \"google\", \"tokenUrl\": \"https://{host}/t\"}}",
                "a.tokenUrl has the placeholder {host}"
            ),
            (
                "{\"a\": {\"extends\": \"google\", \"placeholders\": {\"dc\": {\"pattern\": \".*\", \"redirect\": \"dc\"}}}}",
                "a.placeholders.dc.values is missing"
            ),
            (
                "{\"a\": {\"extends\": \"google\", \"placeholders\": {\"dc\": {\"pattern\": \"(\"}}}}",
                "a.placeholders.dc.pattern is not a regular expression."
            ),
            (
                "{\"a\": {\"extends\": \"google\", \"privateNetwork\": true}}",
                "a.privateNetwork is for a file that belongs to root"
            ),
            ("[]", "it is not a JSON object"),
            ("{", "it is not a JSON object"),
        ]
    )
    func aMistakeInARowIsSaidWithItsPlace(rows: String, sentence: String) throws {
        let error = #expect(throws: ProviderFileError.self) { try ProviderSample.catalog(rows) }
        let description = try #require(error?.description)
        #expect(description.hasPrefix("The provider file own.json cannot be used: "))
        #expect(description.contains(sentence))
    }

    @Test func anOwnRowTakesThePlaceOfTheVaultsAndMayExtendIt() throws {
        let catalog = try ProviderSample.catalog(
            "{\"_\": \"a remark\", \"google\": {\"extends\": \"google\", \"scopes\": [\"a\"]}}"
        )
        let google = try #require(catalog["Google"])
        #expect(google.scope.defaults == ["a"])
        #expect(google.tokenURL == "https://oauth2.googleapis.com/token")
    }

    @Test func aPrivateNetworkIsForAFileOfRoot() throws {
        let rows = """
            {"a": {"authorizeUrl": "http://127.0.0.1:1/a", "tokenUrl": "http://127.0.0.1:1/t", "privateNetwork": true}}
            """
        #expect(try ProviderSample.catalog(rows, isTrusted: true)["a"]?.allowsPrivateNetwork == true)
        #expect(throws: ProviderFileError.self) { try ProviderSample.catalog(rows) }
    }

    @Test func aDirectoryIsReadInTheOrderOfItsNames() throws {
        let directory = try TemporaryDirectory()
        for (name, scope) in [("20.json", "second"), ("10.json", "first"), ("30.txt", "third"), (".40.json", "fourth")]
        {
            let rows = "{\"google\": {\"extends\": \"google\", \"scopes\": [\"\(scope)\"]}}"
            try rows.write(toFile: "\(directory.path)/\(name)", atomically: true, encoding: .utf8)
        }
        let catalog = try ProviderCatalog(directory: directory.path)
        #expect(catalog["google"]?.scope.defaults == ["second"])
        #expect(throws: ProviderFileError.self) { try ProviderCatalog(directory: "\(directory.path)/none") }
    }

    @Test func aFileThatEverybodyCanWriteIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.json"
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
        let error = #expect(throws: ProviderFileError.self) { try ProviderFile.read(path) }
        #expect(error?.reason == "everybody can write it: run chmod o-w on it.")
    }
}
