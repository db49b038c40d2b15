import Foundation
import Testing

@testable import TokenPage

@Suite struct StaticPagesTests {
    private static let pages = [
        "www/templates/home.mustache", "www/templates/notice.mustache", "www/static/troubleshooting.html",
        "www/errors/403.html", "www/errors/502.html", "www/errors/503.html", "www/errors/504.html",
    ]

    @Test(arguments: pages)
    func noPageNeedsAnythingThatTheContentSecurityPolicyForbids(path: String) throws {
        let html = try Checkout.text(path)
        #expect(!html.contains("<script"))
        #expect(!html.contains("<style"))
        #expect(!html.contains(" style="))
        #expect(html.firstMatch(of: /(src|href)="(https?:)?\/\//) == nil)
        #expect(html.firstMatch(of: /\ on[a-z]+=/) == nil)
        #expect(html.contains("<html lang=\"en\">"))
        #expect(html.contains("name=\"viewport\""))
    }

    @Test(
        arguments: [
            "managed-identity", "azure-cli", "active-directory-integrated-authentication", "client-secret",
            "client-certificate", "key-vault-certificate", "visual-studio", "connection-string", "azure-ad-instance",
            "arguments", "environment-credentials", "workload-identity", "choice-of-identity", "azure-powershell",
            "azure-developer-cli", "registration",
        ] + Troubleshooting.Heading.allCases.map(\.rawValue)
    )
    func everyAnchorThatIsLinkedToExists(anchor: String) throws {
        let html = try Checkout.text("www/static/troubleshooting.html")
        #expect(html.contains("<h2 id=\"\(anchor)\">"))
    }

    @Test func theTemplatesEscapeEverything() throws {
        for path in ["www/templates/home.mustache", "www/templates/notice.mustache"] {
            let template = try Checkout.text(path)
            #expect(!template.contains("{{{"))
            #expect(!template.contains("{{&"))
        }
    }

    @Test func theSheetNeedsNothingFromElsewhere() throws {
        let sheet = try Checkout.text("www/static/page.css")
        #expect(!sheet.contains("url("))
        #expect(!sheet.contains("@import"))
        #expect(sheet.contains("prefers-color-scheme: dark"))
    }
}
