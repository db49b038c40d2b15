import Foundation
import Testing

@testable import VaultCore

/// When a token needs a person, as the clock moves past what the provider said and what its row knows.
struct TokenForecastTests {
    private static let login = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 86_400

    private static func token(
        expiresIn: TimeInterval? = 3600,
        refreshExpiresIn: TimeInterval? = nil,
        hasRefreshToken: Bool = true,
        problem: TokenProblem? = nil,
        loggedIn: Bool = true
    ) -> StoredToken {
        let sealed = SealedValue(nonce: Data(count: 12), ciphertext: Data(count: 16))
        let place = SealedCredential.Place(
            service: "s",
            token: "t",
            version: 1,
            expiresOn: expiresIn.map { Int64((self.login + $0).timeIntervalSince1970) },
            refreshExpiresOn: refreshExpiresIn.map { Int64((self.login + $0).timeIntervalSince1970) },
            configurationHash: "",
            binding: .counted
        )
        return StoredToken(
            service: "s",
            name: "t",
            displayName: "t",
            problem: problem,
            createdOn: self.login,
            loggedInOn: loggedIn ? self.login : nil,
            credential: SealedCredential(
                place: place,
                keyID: "k",
                accessToken: sealed,
                refreshToken: hasRefreshToken ? sealed : nil,
                extraValues: nil,
                refreshDigest: hasRefreshToken ? Data([1]) : nil,
                scopes: nil,
                counter: nil
            )
        )
    }

    private static func provider(idle: Int? = nil, hardLimit: Int? = nil) -> Provider {
        var provider = Provider(name: "p")
        provider.rotation.idle = idle
        provider.rotation.hardLimit = hardLimit
        return provider
    }

    private static func events(
        _ token: StoredToken,
        _ provider: Provider?,
        obtained: TimeInterval = 0,
        now: TimeInterval = 0
    ) -> [String] {
        TokenForecast.events(
            of: token,
            obtainedOn: self.login + obtained,
            provider: provider,
            now: self.login + now
        ).map { "\($0.kind) \(Int($0.date.timeIntervalSince(self.login)))" }
    }

    @Test func whatRenewsItselfNeedsNobody() {
        #expect(Self.events(Self.token(), Self.provider()) == [])
        #expect(Self.events(Self.token(), nil) == [])
    }

    @Test func whatCannotBeRenewedNeedsSomebodyWhenItExpires() {
        #expect(Self.events(Self.token(hasRefreshToken: false), Self.provider()) == ["accessTokenExpires 3600"])
        #expect(Self.events(Self.token(expiresIn: nil, hasRefreshToken: false), Self.provider()) == [])
        var provider = Self.provider()
        provider.renewal = .none
        #expect(Self.events(Self.token(), provider) == ["accessTokenExpires 3600"])
    }

    @Test func theFirstOfWhatEndsTheGrantCounts() {
        #expect(Self.events(Self.token(), Self.provider(hardLimit: 500)) == ["hardLimit 500"])
        #expect(
            Self.events(Self.token(refreshExpiresIn: 400), Self.provider(hardLimit: 500)) == ["refreshTokenExpires 400"]
        )
        #expect(Self.events(Self.token(refreshExpiresIn: 600), Self.provider(hardLimit: 500)) == ["hardLimit 500"])
        // Of a token that was imported nobody knows when somebody logged in.
        #expect(Self.events(Self.token(loggedIn: false), Self.provider(hardLimit: 500)) == [])
    }

    @Test func theIdleLimitMovesWithEachRenewal() {
        let provider = Self.provider(idle: 1000)
        #expect(Self.events(Self.token(), provider) == ["idleLimit 1000"])
        #expect(Self.events(Self.token(), provider, obtained: 700) == ["idleLimit 1700"])
        // The grant ends before.
        let both = Self.provider(idle: 1000, hardLimit: 1500)
        #expect(Self.events(Self.token(), both) == ["hardLimit 1500", "idleLimit 1000"])
        #expect(Self.events(Self.token(), both, obtained: 700) == ["hardLimit 1500"])
    }

    @Test(arguments: TokenProblem.allCases)
    func whatIsInAnErrorIsDueNow(problem: TokenProblem) {
        let events = Self.events(Self.token(problem: problem), Self.provider(), now: 50)
        #expect(events == (problem.endsGrant && problem != .exported ? ["login 50"] : []))
    }
}
