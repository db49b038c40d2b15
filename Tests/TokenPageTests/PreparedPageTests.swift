import FastCGI
import Foundation
import Testing

@testable import TokenPage

@Suite struct PreparedPageTests {
    private let blank = HomePage(
        resource: "https://vault.example",
        vault: "vault.example & co",
        troubleshooting: Troubleshooting(page: "/static/troubleshooting.html")
    )

    private func page(token: String, principal: String = "IsAuthenticated:True Type:App AppId:1") -> HomePage {
        var page = self.blank
        page.token = token
        page.principalUsed = principal
        page.accessTokenExpiresOn = Date(timeIntervalSince1970: 1_795_493_891)
        page.tokenExpiresOn = Date(timeIntervalSince1970: 1_795_497_491)
        page.timings = StepTimings(identity: .milliseconds(3), vault: .milliseconds(120))
        return page
    }

    @Test(arguments: ["abc", "<script>\"'&", "", "tökén \u{1} \u{1F511}", String(repeating: "x", count: 10_000)])
    func aPreparedPageIsThePageOfTheTemplate(token: String) throws {
        let templates = try PageTemplates(directory: Checkout.templates)
        let page = self.page(token: token, principal: token + "&")
        let prepared = try #require(templates.prepare(self.blank).render(page))
        #expect(String(decoding: prepared, as: UTF8.self) == templates.render(page))
    }

    @Test func aFailureHasNoPreparedPage() throws {
        let templates = try PageTemplates(directory: Checkout.templates)
        var page = self.page(token: "abc")
        page.failure = .identityTimeout
        #expect(templates.prepare(self.blank).render(page) == nil)
        #expect(templates.prepare(self.blank).render(self.blank) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00 UTC"), (1_795_493_891, "2026-11-24 04:18:11 UTC"),
        (1_709_164_800.9, "2024-02-29 00:00:00 UTC"), (1e18, "9999-12-31 23:59:59 UTC"),
    ])
    func datesAreShownInUTC(seconds: Double, text: String) {
        #expect(UTCText.text(Date(timeIntervalSince1970: seconds)) == text)
    }
}
