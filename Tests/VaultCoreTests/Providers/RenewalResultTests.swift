import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import VaultCore

@Suite("RenewalResult")
struct RenewalResultTests {
    @Test(
        arguments: [
            (400, #"{"error":"invalid_grant"}"#, .invalidGrant),
            (401, #"{"error":"invalid_client"}"#, .clientRefused),
            (400, #"{"error":"unauthorized_client"}"#, .clientRefused),
            (400, #"{"error":"invalid_scope"}"#, .rejected),
            (400, #"{"error":"temporarily_unavailable"}"#, .postponed(retryAfter: .seconds(7))),
            (200, "<html>", .unreadable),
            (200, "", .unreadable),
            (400, "", .rejected),
            (403, "rate limit", .postponed(retryAfter: .seconds(7))),
            (429, "{}", .postponed(retryAfter: .seconds(7))),
            (500, #"{"error":"oops"}"#, .postponed(retryAfter: .seconds(7))),
            (503, "", .postponed(retryAfter: .seconds(7))),
            (502, "<html>", .gatewayLost),
            (504, "", .gatewayLost),
        ] as [(Int, String, RefreshOutcome)]
    )
    func anAnswerMeansOneThing(status: Int, body: String, outcome: RefreshOutcome) throws {
        let response = TransportResponse(
            status: status,
            headers: [("Retry-After", "7")],
            body: Data(body.utf8)
        )
        let result = try ProviderSample.client("google").renewalResult(response, receivedAt: ProviderSample.now)
        guard case .failed(let found) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(found == outcome)
    }

    @Test(
        arguments: [
            (TransportError(.timeout, ""), .noAnswer), (TransportError(.connection, ""), .noAnswer),
            (TransportError(.malformedAnswer, ""), .noAnswer), (TransportError(.other, ""), .noAnswer),
            (TransportError(.tls, ""), .noAnswer), (TransportError.unsent(.tls, ""), .notSent),
            (TransportError(.refusedAddress, ""), .notSent), (TransportError.unsent(.connection, ""), .notSent),
        ] as [(TransportError, RefreshOutcome)]
    )
    func onlyWhatCertainlyStayedHereCountsAsNotSent(error: TransportError, outcome: RefreshOutcome) {
        #expect(OAuthClient.outcome(of: error) == outcome)
    }

    @Test(
        arguments: [
            ("google", .none), ("microsoft", .none), ("dropbox", .none), ("okta", .grace(.seconds(30))),
            ("github-app", .strict), ("airtable", .strict), ("pipedrive", .strict), ("x", .strict),
        ] as [(String, RefreshTokenRotation)]
    )
    func theRowSaysWhatAnOldRefreshTokenDoes(provider: String, rotation: RefreshTokenRotation) throws {
        let row = try #require(try ProviderSample.catalog()[provider])
        #expect(row.rotation.refreshTokenRotation == rotation)
    }
}
