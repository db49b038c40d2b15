import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault

/// An authenticator that remembers whom it has verified must answer as one that does not.
struct VerifiedTokensTests {
    private let issuer: TestIssuer
    private let clock = ManualClock()
    private let kid = Box("rsa-1")
    private let isDown = Box(false)
    private let verified: VerifiedTokens
    private let remembering: BearerAuthenticator
    private let plain: BearerAuthenticator

    init() throws {
        let issuer = try TestIssuer()
        let (clock, kid, isDown) = (self.clock, self.kid, self.isDown)
        let verified = VerifiedTokens(limit: 3)
        func authenticator(_ verified: VerifiedTokens?) throws -> BearerAuthenticator {
            BearerAuthenticator(
                issuers: [try #require(IssuerURL(TestIssuer.url))],
                audiences: [TestIssuer.audience],
                transport: FakeTransport { request in
                    guard !isDown.value else { throw TransportError(.connection, "refused") }
                    guard request.url.absoluteString == TestIssuer.keysURL else { return try issuer.answer(request) }
                    return TransportResponse(status: 200, body: try issuer.keySet(rsaKid: kid.value))
                },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                verified: verified,
                now: { clock.date }
            )
        }
        self.issuer = issuer
        self.verified = verified
        self.remembering = try authenticator(verified)
        self.plain = try authenticator(nil)
    }

    private func token(_ changes: [String: JSONValue] = [:]) throws -> String {
        try self.issuer.token(TestIssuer.claims(now: self.clock.date).merging(changes) { $1 })
    }

    private static func outcome(_ authenticator: BearerAuthenticator, _ token: String) async -> String {
        do {
            return try await authenticator.principal(authorization: "Bearer \(token)").objectID
        } catch {
            return "\(error)"
        }
    }

    /// What both say, which has to be the same.
    private func outcome(_ token: String, _ location: SourceLocation = #_sourceLocation) async -> String {
        let outcome = await Self.outcome(self.remembering, token)
        let expected = await Self.outcome(self.plain, token)
        #expect(outcome == expected, sourceLocation: location)
        return outcome
    }

    @Test func aTokenThatComesAgainIsKnownUntilItExpires() async throws {
        let token = try self.token()
        for _ in 0..<3 { #expect(await self.outcome(token) == TestIssuer.objectID) }
        #expect(self.verified.count == 1)
        self.clock.advance(by: .seconds(3600 + 59))
        #expect(await self.outcome(token) == TestIssuer.objectID)
        self.clock.advance(by: .seconds(2))
        #expect(await self.outcome(token) == "The token has expired.")
        #expect(self.verified.count == 0)
    }

    @Test func whatWasRefusedIsNotRemembered() async throws {
        let good = try self.token().split(separator: ".")
        #expect(await self.outcome("\(good[0]).\(good[1]).AAAA") == "The token's signature is not valid.")
        #expect(await self.outcome(try self.token(["aud": "other"])) == "The token is for another audience.")
        #expect(self.verified.count == 0)
    }

    /// One letter more or less is another token, however often its neighbor was let in.
    @Test func aChangedTokenIsNotTheOneThatIsKnown() async throws {
        let token = try self.token()
        #expect(await self.outcome(token) == TestIssuer.objectID)
        for changed in [String(token.dropLast()), token + "A", token.replacingOccurrences(of: ".", with: ".A")] {
            #expect(await self.outcome(changed) != TestIssuer.objectID)
        }
    }

    @Test func aKeyThatIsWithdrawnTakesItsTokensAlong() async throws {
        let token = try self.token(["exp": .number(self.clock.date.timeIntervalSince1970 + 100_000)])
        #expect(await self.outcome(token) == TestIssuer.objectID)
        self.kid.withLock { $0 = "rsa-2" }
        self.clock.advance(by: .seconds(3601))
        // This one has the keys fetched again, in the background.
        #expect(await self.outcome(token) == TestIssuer.objectID)
        for authenticator in [self.remembering, self.plain] {
            #expect(try await eventually { await Self.outcome(authenticator, token) != TestIssuer.objectID })
        }
        #expect(await self.outcome(token) == "The token is signed with a key that its issuer does not publish.")
    }

    @Test func withAnIssuerThatIsAwayForADayNothingIsKnownAnyMore() async throws {
        let token = try self.token(["exp": .number(self.clock.date.timeIntervalSince1970 + 200_000)])
        #expect(await self.outcome(token) == TestIssuer.objectID)
        self.isDown.withLock { $0 = true }
        self.clock.advance(by: .seconds(23 * 3600))
        #expect(await self.outcome(token) == TestIssuer.objectID)
        self.clock.advance(by: .seconds(3601))
        #expect(await self.outcome(token) == "\(BearerFailure.keysUnavailable)")
    }

    @Test func noMoreThanSoManyAreRemembered() async throws {
        for number in 0..<20 {
            #expect(await self.outcome(try self.token(["uti": .string("\(number)")])) == TestIssuer.objectID)
            #expect((1...3).contains(self.verified.count))
        }
    }
}
