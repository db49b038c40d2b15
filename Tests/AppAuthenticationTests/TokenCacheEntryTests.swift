import Foundation
import Testing

@testable import AppAuthentication

@Suite("TokenCacheEntry")
struct TokenCacheEntryTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000)

    private static func filled(expiresIn seconds: TimeInterval, acquired uptime: Duration = .seconds(-1_000))
        -> TokenCacheEntry
    {
        var entry = TokenCacheEntry()
        _ = entry.finish(with: .success(Sample.token(expiresIn: seconds, from: Self.start)), uptime: uptime)
        return entry
    }

    private static func name(_ step: TokenCacheEntry.Step) -> String {
        switch step {
        case .serve: "serve"
        case .serveAndRenew: "serve and renew"
        case .join: "join"
        case .start: "start"
        case .fail: "fail"
        }
    }

    private static func step(
        _ entry: inout TokenCacheEntry,
        after seconds: Double = 0,
        forced: Bool = false
    ) -> String {
        Self.name(entry.nextStep(at: Self.start + seconds, uptime: .seconds(seconds), forceRefresh: forced))
    }

    /// The token is renewed when less than five minutes are left, not when exactly five are.
    @Test(arguments: [
        (3_600, "serve", true), (300, "serve", true), (299.9, "serve and renew", false),
        (0.1, "serve and renew", false), (0, "start", false), (-1, "start", false),
    ])
    func theTimeLeftDecides(left: TimeInterval, step: String, isFresh: Bool) {
        var entry = Self.filled(expiresIn: left)
        #expect((entry.freshToken(at: Self.start) != nil) == isFresh)
        #expect(Self.step(&entry) == step)
    }

    @Test func oneCallerRenewsAndTheOthersAreServed() {
        var entry = Self.filled(expiresIn: 200)
        #expect(Self.step(&entry) == "serve and renew")
        #expect(Self.step(&entry) == "serve")
        // The token expires while the renewal is still under way.
        #expect(Self.step(&entry, after: 200) == "join")
    }

    @Test func aFailedRenewalIsLeftAloneForThirtySeconds() {
        var entry = Self.filled(expiresIn: 200)
        _ = Self.step(&entry)
        _ = entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero)
        #expect(Self.step(&entry, after: 29.9) == "serve")
        #expect(Self.step(&entry, after: 30) == "serve and renew")
    }

    @Test func aSourceOfShortLivedTokensIsNotAskedByEveryCaller() {
        var entry = Self.filled(expiresIn: 200, acquired: .zero)
        #expect(Self.step(&entry, after: 1) == "serve")
        #expect(Self.step(&entry, after: 30) == "serve and renew")
    }

    @Test(arguments: [false, true])
    func aFailureWithoutATokenIsSharedForASecond(isForced: Bool) {
        for var entry in [TokenCacheEntry(), Self.filled(expiresIn: -1)] {
            _ = Self.step(&entry)
            _ = entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero)
            #expect(Self.step(&entry, forced: isForced) == "fail")
            #expect(Self.step(&entry, after: 0.999, forced: isForced) == "fail")
            #expect(!entry.isEmpty(uptime: .milliseconds(999)))
            #expect(Self.step(&entry, after: 1, forced: isForced) == "start")
            #expect(Self.step(&entry, after: 1, forced: isForced) == "join")
        }
    }

    @Test func aFailureOfAKeyThatNeverHadATokenLeavesNothingBehind() {
        var entry = TokenCacheEntry()
        _ = Self.step(&entry)
        _ = entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero)
        #expect(entry.isEmpty(uptime: .seconds(1)))
    }

    @Test func aForcedRefreshSkipsTheTokenAndJoinsWhatIsUnderWay() {
        var entry = Self.filled(expiresIn: 3_600)
        #expect(Self.step(&entry, forced: true) == "start")
        #expect(Self.step(&entry, forced: true) == "join")
        #expect(Self.step(&entry) == "serve")
    }

    @Test func aFailedForcedRefreshKeepsTheToken() {
        var entry = Self.filled(expiresIn: 3_600)
        _ = Self.step(&entry, forced: true)
        _ = entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero)
        #expect(entry.freshToken(at: Self.start) != nil)
    }

    @Test func aFailedRenewalIsToldOnceUntilOneSucceeds() {
        var entry = Self.filled(expiresIn: 200)
        #expect(Self.step(&entry) == "serve and renew")
        let told = entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero)
        #expect((told?.error as? CredentialFailure)?.reason == "no")
        #expect(told?.token.expiresOn == Self.start + 200)
        #expect(Self.step(&entry, after: 30) == "serve and renew")
        #expect(entry.finish(with: .failure(CredentialFailure("still no")), uptime: .seconds(30)) == nil)
        #expect(Self.step(&entry, after: 60) == "serve and renew")
        let shortLived = Sample.token(expiresIn: 250, from: Self.start)
        #expect(entry.finish(with: .success(shortLived), uptime: .seconds(60)) == nil)
        #expect(Self.step(&entry, after: 90) == "serve and renew")
        #expect(entry.finish(with: .failure(CredentialFailure("again")), uptime: .seconds(90)) != nil)
    }

    /// Whoever waits for an acquisition is told of its failure.
    @Test(arguments: [false, true])
    func aFailureThatCallersGetIsNotToldToo(hasToken: Bool) {
        var entry = hasToken ? Self.filled(expiresIn: 3_600) : TokenCacheEntry()
        #expect(Self.step(&entry, forced: true) == "start")
        #expect(entry.finish(with: .failure(CredentialFailure("no")), uptime: .zero) == nil)
    }
}
