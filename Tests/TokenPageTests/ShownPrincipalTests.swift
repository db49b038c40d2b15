import AppAuthentication
import Foundation
import Testing

@testable import TokenPage

@Suite struct ShownPrincipalTests {
    private static func token(of application: String) -> AccessToken {
        AccessToken(
            token: "the same text",
            expiresOn: .distantFuture,
            principal: Principal(kind: .app, appID: application, tenantID: "tenant-1")
        )
    }

    @Test func theWordsAreThoseOfTheTokenThatIsAskedFor() {
        let shown = ShownPrincipal()
        let (first, second) = (Self.token(of: "app-1"), Self.token(of: "app-2"))
        for token in [first, first, second, second, first] {
            #expect(shown.text(of: token) == ShownText(token.principal.description).text)
        }
        #expect(shown.text(of: first) != shown.text(of: second))
    }
}
