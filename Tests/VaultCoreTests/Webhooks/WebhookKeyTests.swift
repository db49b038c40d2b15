import Foundation
import Testing

@testable import VaultCore

struct WebhookKeyTests {
    /// The example of Standard Webhooks' specification.
    @Test func theSignatureIsThatOfTheSpecification() throws {
        let key = try #require(WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = key.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Data(#"{"test": 2432232314}"#.utf8)
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(arguments: [
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_c2hvcnQ=",
        "whsec_" + Data(count: 65).base64EncodedString(), "whsec_****",
    ])
    func aSecretOfAnotherFormIsRefused(text: String) {
        #expect(WebhookKey(text) == nil)
    }

    @Test func aKeyIsNotPrinted() throws {
        let key = try #require(WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        #expect("\(key)" == "<redacted>")
    }

    @Test func pausesGrowAndEnd() {
        let pauses = (1...20).map { WebhookMessage.pause(afterFailures: $0) }
        #expect(pauses.prefix(9).allSatisfy { $0 != nil })
        #expect(pauses.dropFirst(9).allSatisfy { $0 == nil })
        #expect(pauses.prefix(9).compactMap { $0 } == pauses.prefix(9).compactMap { $0 }.sorted())
    }

    @Test(
        arguments: TokenProblem.allCases.map { Optional($0) } + [nil],
        TokenProblem.allCases.map { Optional($0) } + [nil]
    )
    func aChangeIsToldWhenItIsNewsToAPerson(before: TokenProblem?, after: TokenProblem?) {
        let event = WebhookEvent(from: before, to: after, service: "s", token: "t")
        switch (before?.endsGrant ?? false, after?.endsGrant ?? false) {
        case (false, true): #expect(event?.kind == (after == .possibleTheft ? .possibleTheft : .failed))
        case (true, false): #expect(event?.kind == (after == nil ? .recovered : nil))
        default: #expect(event == nil)
        }
    }
}
