import Foundation
import Testing

@testable import AppAuthentication

@Suite("TokenCacheEntry")
struct TokenCacheEntryTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)

    private static func filled(expiresIn seconds: TimeInterval, acquiredAt: Date = Date.distantPast) -> TokenCacheEntry
    {
        var entry = TokenCacheEntry()
        entry.finish(with: .success(Sample.token(expiresIn: seconds, from: Self.start)), at: acquiredAt)
        return entry
    }

    private static func name(_ step: TokenCacheEntry.Step) -> String {
        switch step {
        case .serve: "serve"
        case .serveAndRenew: "serve and renew"
        case .join: "join"
        case .start: "start"
        }
    }

    /// The token is renewed when less than five minutes are left, not when exactly five are.
    @Test(arguments: [
        (3_600, "serve", true), (300, "serve", true), (299.9, "serve and renew", false),
        (0.1, "serve and renew", false), (0, "start", false), (-1, "start", false),
    ])
    func theTimeLeftDecides(left: TimeInterval, step: String, isFresh: Bool) {
        var entry = Self.filled(expiresIn: left)
        #expect((entry.freshToken(at: Self.start) != nil) == isFresh)
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: false)) == step)
    }

    @Test func oneCallerRenewsAndTheOthersAreServed() {
        var entry = Self.filled(expiresIn: 200)
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: false)) == "serve and renew")
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: false)) == "serve")
        // The token expires while the renewal is still under way.
        #expect(Self.name(entry.nextStep(at: Self.start + 200, forceRefresh: false)) == "join")
    }

    @Test func aFailedRenewalIsLeftAloneForThirtySeconds() {
        var entry = Self.filled(expiresIn: 200)
        _ = entry.nextStep(at: Self.start, forceRefresh: false)
        entry.finish(with: .failure(CredentialFailure("no")), at: Self.start)
        #expect(Self.name(entry.nextStep(at: Self.start + 29.9, forceRefresh: false)) == "serve")
        #expect(Self.name(entry.nextStep(at: Self.start + 30, forceRefresh: false)) == "serve and renew")
    }

    @Test func aSourceOfShortLivedTokensIsNotAskedByEveryCaller() {
        var entry = Self.filled(expiresIn: 200, acquiredAt: Self.start)
        #expect(Self.name(entry.nextStep(at: Self.start + 1, forceRefresh: false)) == "serve")
        #expect(Self.name(entry.nextStep(at: Self.start + 30, forceRefresh: false)) == "serve and renew")
    }

    @Test func pastExpiryAFailureIsNotRemembered() {
        var entry = Self.filled(expiresIn: -1)
        _ = entry.nextStep(at: Self.start, forceRefresh: false)
        entry.finish(with: .failure(CredentialFailure("no")), at: Self.start)
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: false)) == "start")
    }

    @Test func aForcedRefreshSkipsTheTokenAndJoinsWhatIsUnderWay() {
        var entry = Self.filled(expiresIn: 3_600)
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: true)) == "start")
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: true)) == "join")
        #expect(Self.name(entry.nextStep(at: Self.start, forceRefresh: false)) == "serve")
    }

    @Test func aFailedForcedRefreshKeepsTheToken() {
        var entry = Self.filled(expiresIn: 3_600)
        _ = entry.nextStep(at: Self.start, forceRefresh: true)
        entry.finish(with: .failure(CredentialFailure("no")), at: Self.start)
        #expect(entry.freshToken(at: Self.start) != nil)
    }
}
