import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

/// What the page shows of a token besides the token.
struct TokenDetailsPageTests {
    private static let details = """
        {"Provider":"Acme <b>","Account":"ann@example.com","Scopes":["files.read","account"],\
        "LoggedInOn":"2026-11-25T10:00:00Z","RenewedOn":"2026-11-25T11:00:00Z","RenewsOn":"2026-11-25T11:30:00Z"}
        """

    private func visit(_ status: Int, _ body: String) throws -> PageVisit {
        try PageVisit(environment: ["TOKEN_PAGE_LOGIN": "true"]) { _ in .text(status, body) }
    }

    @Test func whoseItIsAndWhenItIsRenewedStandBesideTheToken() async throws {
        let visit = try self.visit(
            200,
            #"{"Parameters":{},"Value":{"AccessToken":"sl.fresh"},"ExpiresIn":3600,"Details":\#(Self.details)}"#
        )
        let answer = try await visit.get()
        #expect(answer.status == 200)
        for words in [
            "Token: sl.fresh", "Provider Acme &lt;b&gt;", "Account ann@example.com", "Scopes files.read account",
            "Logged in 2026-11-25 10:00:00 UTC", "Got or renewed 2026-11-25 11:00:00 UTC",
            "Renewed next 2026-11-25 11:30:00 UTC",
        ] {
            #expect(answer.text.contains(words), "\(words) in \(answer.text)")
        }
        #expect(!answer.body.contains("<b>"))
        #expect(
            visit.vaultRequests.first?.headers.contains { $0.name == "Prefer" && $0.value == "token-details" } == true
        )
        let json = try await visit.get(accept: "application/json").body
        let page = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        let details = try #require(page?["details"] as? [String: Any])
        #expect(details["account"] as? String == "ann@example.com")
        #expect(details["scopes"] as? [String] == ["files.read", "account"])
        #expect(details["renewsOn"] as? String == "2026-11-25T11:30:00Z")
    }

    @Test func aVaultThatSaysNothingMakesAPageWithoutThem() async throws {
        let visit = try self.visit(200, #"{"Parameters":{},"Value":{"AccessToken":"sl.fresh"},"ExpiresIn":3600}"#)
        #expect(try await !visit.get().text.contains("About this token"))
        #expect(try await visit.get(accept: "application/json").body.contains(#""details":null"#))
    }

    @Test(arguments: [#"{}"#, #"{"Scopes":7,"LoggedInOn":"soon","Account":"","RenewsOn":null}"#, #"{"Scopes":[]}"#])
    func whatIsMissingOrCannotBeReadIsNotKnown(details: String) async throws {
        let visit = try self.visit(200, #"{"Value":{"AccessToken":"sl.fresh"},"Details":\#(details)}"#)
        let text = try await visit.get().text
        #expect(text.contains("Account not known"))
        #expect(text.contains("Logged in not known"))
        #expect(text.contains("Renewed next not by itself"))
        #expect(text.contains("Scopes none") == (details.contains("[]")))
    }

    @Test func theProviderIsNamedWhereNobodyIsLoggedIn() async throws {
        let visit = try self.visit(
            400,
            #"{"error":{"code":"Unauthenticated","message":"no"},"details":{"provider":"Acme"}}"#
        )
        let text = try await visit.get().text
        #expect(text.contains("Somebody has to log in at Acme once."))
        #expect(!text.contains("About this token"))
    }

    @Test func whoseAccessIsOverIsSaid() async throws {
        let visit = try self.visit(
            400,
            #"{"error":{"code":"Revoked","message":"withdrawn"},"details":{"provider":"Acme","account":"ann@x.example"}}"#
        )
        let text = try await visit.get().text
        #expect(text.contains("Account ann@x.example"))
        #expect(text.contains("Something went wrong: withdrawn"))
    }
}
