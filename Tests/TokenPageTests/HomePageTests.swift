import Foundation
import HTTPTypes
import Testing

@testable import TokenPage

@Suite struct HomePageTests {
    private let templates: PageTemplates

    init() throws {
        self.templates = try PageTemplates(directory: Checkout.templates)
    }

    @Test func aTokenStandsBesideItsLabel() {
        var page = HomePage.blank
        page.principalUsed = "IsAuthenticated:True Type:App AppId:a TenantId:t"
        page.token = "sl.token"
        page.accessTokenExpiresOn = Date(timeIntervalSince1970: 1_700_000_000)
        page.tokenExpiresOn = Date(timeIntervalSince1970: 1_700_003_600)
        page.timings = StepTimings(identity: .microseconds(400), vault: .milliseconds(1_240))
        let text = Self.textContent(self.templates.render(page))
        #expect(text.contains("Token: sl.token"))
        #expect(text.contains("Principal Used: IsAuthenticated:True Type:App AppId:a TenantId:t"))
        #expect(!text.contains("Something went wrong"))
        #expect(text.contains("Access token for https://tokenvault.azure.net 0.4 ms"))
        #expect(text.contains("Token from name.westcentralus.tokenvault.azure.net 1.2 s"))
        #expect(text.contains("The vault's token expires 2023-11-14 23:13:20 UTC"))
        #expect(text.contains("Azure's access token expires 2023-11-14 22:13:20 UTC"))
    }

    @Test func anUnknownExpiryOfTheVaultsTokenIsSaidAndAzuresIsNotTakenForIt() {
        var page = HomePage.blank
        page.principalUsed = "IsAuthenticated:True"
        page.token = "sl.token"
        page.accessTokenExpiresOn = Date(timeIntervalSince1970: 1_700_000_000)
        let text = Self.textContent(self.templates.render(page))
        #expect(text.contains("The vault's token expires the vault does not say"))
        #expect(text.contains("Azure's access token expires 2023-11-14 22:13:20 UTC"))
        #expect(!text.contains("fresh"))
    }

    @Test func everyAttemptHasItsReasonAndItsLink() {
        var page = HomePage.blank
        page.timings.identity = .milliseconds(812)
        page.failure = Self.chainFailure
        let html = self.templates.render(page)
        let text = Self.textContent(html)
        #expect(text.contains("Something went wrong: Tried the following 2 methods."))
        #expect(!text.contains("Token: "))
        #expect(!text.contains("Principal Used:"))
        #expect(text.contains("Managed identity no answer What to do about Managed identity"))
        #expect(html.contains("href=\"/static/troubleshooting.html#managed-identity\""))
        #expect(text.contains("Azure CLI not installed What to do about Azure CLI"))
        #expect(html.contains("href=\"/static/troubleshooting.html#azure-cli\""))
        #expect(!text.contains("What to do about it"))
        #expect(text.contains("failed after 812 ms"))
        #expect(text.contains("not reached"))
        #expect(text.contains("Azure's access token expires there is none"))
    }

    @Test(arguments: ["<script>alert(1)</script>", "\"\u{301} onmouseover=\"alert(1)", "{{token}}", "'>&<"])
    func hostileTextIsEscapedEverywhere(text: String) {
        var page = HomePage(resource: text, vault: text, troubleshooting: Troubleshooting(page: text))
        page.token = text
        page.principalUsed = text
        page.failure = PageError(
            status: .badGateway,
            message: text,
            anchor: text,
            attempts: [.init(name: text, reason: text, anchor: text)]
        )
        let html = self.templates.render(page)
        // Nothing of the text may open a tag or close an attribute: what is left has the tags of the template alone.
        page.failure = PageError(
            status: .badGateway,
            message: "x",
            anchor: "x",
            attempts: [.init(name: "x", reason: "x", anchor: "x")]
        )
        #expect(html.utf8.filter { $0 == UInt8(ascii: "<") }.count == Self.tagCount(of: page, self.templates))
        #expect(!html.contains("<script"))
        let quoteWithMark = Array("\"\u{301}".utf8)
        #expect(!Array(html.utf8).contains(quoteWithMark))
    }

    @Test func aPageIsRenderedInMuchLessThanAMillisecond() {
        var page = HomePage.blank
        page.principalUsed = "IsAuthenticated:True Type:App AppId:a TenantId:t"
        page.token = String(repeating: "t", count: 1_500)
        let clock = ContinuousClock()
        let fastest = (0..<20).map { _ in clock.measure { _ = self.templates.render(page) } }.min()
        // Ten times what an unoptimised build needs, so that only a change of kind is noticed.
        #expect((fastest ?? .seconds(1)) < .milliseconds(5))
    }

    @Test func jsonHasEveryNameAlways() throws {
        var page = HomePage.blank
        page.principalUsed = "IsAuthenticated:True Type:User"
        page.token = "sl.token"
        page.accessTokenExpiresOn = Date(timeIntervalSince1970: 1_700_000_000)
        page.tokenExpiresOn = Date(timeIntervalSince1970: 1_700_003_600)
        page.timings = StepTimings(identity: .microseconds(1_500), vault: .milliseconds(20))
        let expected =
            #"{"accessTokenExpiresOn":"2023-11-14T22:13:20Z","attempts":[],"caller":null,"details":null,"#
            + #""error":null,"grant":null,"help":null,"login":null,"#
            + #""principalUsed":"IsAuthenticated:True Type:User","#
            + #""timings":{"identityMilliseconds":1.5,"vaultMilliseconds":20},"token":"sl.token","#
            + #""tokenExpiresOn":"2023-11-14T23:13:20Z"}"#
        #expect(String(decoding: try page.json(), as: UTF8.self) == expected)
    }

    @Test func jsonListsTheAttempts() throws {
        var page = HomePage.blank
        page.timings.identity = .milliseconds(5)
        page.failure = Self.chainFailure
        let expected =
            #"{"accessTokenExpiresOn":null,"attempts":["#
            + #"{"help":"/static/troubleshooting.html#managed-identity","method":"Managed identity","#
            + #""reason":"no answer"},"#
            + #"{"help":"/static/troubleshooting.html#azure-cli","method":"Azure CLI","reason":"not installed"}],"#
            + #""caller":null,"details":null,"error":"Tried the following 2 methods.","grant":null,"#
            + #""help":"/static/troubleshooting.html#managed-identity","#
            + #""login":null,"principalUsed":null,"timings":{"identityMilliseconds":5,"vaultMilliseconds":null},"token":null,"#
            + #""tokenExpiresOn":null}"#
        #expect(String(decoding: try page.json(), as: UTF8.self) == expected)
    }

    private static let chainFailure = PageError(
        status: .badGateway,
        message: "Tried the following 2 methods.",
        anchor: "managed-identity",
        attempts: [
            .init(name: "Managed identity", reason: "no answer", anchor: "managed-identity"),
            .init(name: "Azure CLI", reason: "not installed", anchor: "azure-cli"),
        ]
    )

    private static func tagCount(of page: HomePage, _ templates: PageTemplates) -> Int {
        var plain = HomePage(resource: "x", vault: "x", troubleshooting: Troubleshooting(page: "x"))
        plain.token = "x"
        plain.principalUsed = "x"
        plain.failure = page.failure
        return templates.render(plain).utf8.filter { $0 == UInt8(ascii: "<") }.count
    }

    /// What a person reads: tags away, spaces as a browser folds them.
    private static func textContent(_ html: String) -> String {
        html.replacing(/<[^>]*>/, with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
