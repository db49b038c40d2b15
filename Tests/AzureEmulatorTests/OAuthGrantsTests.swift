import Foundation
import Testing

@testable import AzureEmulator

struct OAuthGrantsTests {
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let start = Date(timeIntervalSince1970: 1_767_225_600)
    private static let request = AuthorizationRequest(
        clientID: "c",
        redirectURI: "http://127.0.0.1/redirect",
        scope: "files.read",
        state: "s",
        codeChallenge: OAuthGrants.challenge(of: Self.verifier)
    )

    /// Grants, the time, and tokens with numbers for names.
    private struct Play {
        var grants: OAuthGrants
        var now = OAuthGrantsTests.start
        private var count = 0

        init(_ rotation: RotationKind) {
            self.grants = OAuthGrants(rotation: rotation, lifetime: 60)
        }

        private mutating func with<Value>(
            _ body: (inout OAuthGrants, Date, () -> String) throws -> Value
        ) rethrows -> Value {
            var count = self.count
            defer { self.count = count }
            return try body(&self.grants, self.now) {
                count += 1
                return "t\(count)"
            }
        }

        mutating func redeem(
            _ code: String = "code",
            verifier: String = OAuthGrantsTests.verifier,
            redirectURI: String? = "http://127.0.0.1/redirect",
            clientID: String = "c"
        ) throws -> OAuthGrants.Tokens {
            try self.with {
                try $0.redeem(
                    code: code,
                    verifier: verifier,
                    redirectURI: redirectURI,
                    clientID: clientID,
                    now: $1,
                    newToken: $2
                )
            }
        }

        mutating func refresh(_ token: String?) throws -> OAuthGrants.Tokens {
            try self.with { try $0.refresh(token ?? "", clientID: "c", now: $1, newToken: $2) }
        }

        mutating func logIn() throws -> OAuthGrants.Tokens {
            self.grants.consent(to: OAuthGrantsTests.request, by: Person.all[0], code: "code", now: self.now)
            return try self.redeem()
        }

        func isValid(_ tokens: OAuthGrants.Tokens) -> Bool {
            self.grants.person(accessToken: tokens.accessToken, now: self.now) != nil
        }
    }

    /// RFC 7636 appendix B.
    @Test func theChallengeIsTheOneOfTheStandard() {
        #expect(OAuthGrants.challenge(of: Self.verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func aCodeIsForItsClientItsAddressAndItsVerifierOnly() throws {
        for attempt in [
            { (play: inout Play) in try play.redeem("other") }, { try $0.redeem(verifier: "x") },
            { try $0.redeem(redirectURI: "http://127.0.0.1/other") }, { try $0.redeem(redirectURI: nil) },
            { try $0.redeem(clientID: "d") },
        ] {
            var play = Play(.strict)
            play.grants.consent(to: Self.request, by: Person.all[0], code: "code", now: play.now)
            #expect(throws: OAuthError.self) { try attempt(&play) }
            // It was not used up by that.
            #expect(try play.redeem().scope == "files.read")
        }
    }

    @Test func aCodeExpiresAfterAMinute() {
        var play = Play(.strict)
        play.grants.consent(to: Self.request, by: Person.all[0], code: "code", now: play.now)
        play.now += 60
        #expect(throws: OAuthError.invalidGrant("The code has expired.")) { try play.redeem() }
    }

    @Test func aCodeThatIsUsedTwiceRevokesWhatItGave() throws {
        var play = Play(.strict)
        let tokens = try play.logIn()
        #expect(play.isValid(tokens))
        #expect(throws: OAuthError.self) { try play.redeem() }
        #expect(!play.isValid(tokens))
        #expect(throws: OAuthError.self) { try play.refresh(tokens.refreshToken) }
    }

    @Test func anAccessTokenExpires() throws {
        var play = Play(.none)
        let tokens = try play.logIn()
        play.now += 59
        #expect(play.isValid(tokens))
        play.now += 1
        #expect(!play.isValid(tokens))
    }

    @Test func withoutRotationTheRefreshTokenStays() throws {
        var play = Play(.none)
        let first = try play.logIn()
        for _ in 0..<3 {
            let next = try play.refresh(first.refreshToken)
            #expect(next.refreshToken == nil)
            #expect(play.isValid(next))
        }
    }

    @Test func strictRotationRevokesTheFamilyWhenATokenIsUsedAgain() throws {
        var play = Play(.strict)
        let first = try play.logIn()
        let second = try play.refresh(first.refreshToken)
        let third = try play.refresh(second.refreshToken)
        #expect(Set([first.refreshToken, second.refreshToken, third.refreshToken]).count == 3)
        #expect(throws: OAuthError.self) { try play.refresh(second.refreshToken) }
        #expect(!play.isValid(third))
        #expect(throws: OAuthError.invalidGrant("The refresh token was revoked.")) {
            try play.refresh(third.refreshToken)
        }
        #expect(play.grants.counts.reusedRefreshTokens == 1)
        #expect(play.grants.counts.revokedFamilies == 1)
    }

    @Test func oneFamilyIsNotRevokedForAnother() throws {
        var play = Play(.strict)
        let mine = try play.logIn()
        let others = try play.logIn()
        _ = try play.refresh(mine.refreshToken)
        #expect(throws: OAuthError.self) { try play.refresh(mine.refreshToken) }
        #expect(play.isValid(others))
        #expect(try play.refresh(others.refreshToken).refreshToken != nil)
    }

    @Test func withGraceTheOldOneGivesTheSameSuccessorForAWhile() throws {
        var play = Play(.grace(seconds: 30))
        let first = try play.logIn()
        let second = try play.refresh(first.refreshToken)
        play.now += 29
        let again = try play.refresh(first.refreshToken)
        #expect(again.refreshToken == second.refreshToken)
        #expect(again.accessToken != second.accessToken)
        play.now += 1
        #expect(throws: OAuthError.self) { try play.refresh(first.refreshToken) }
        #expect(throws: OAuthError.self) { try play.refresh(second.refreshToken) }
    }

    @Test func theOldOneWorksUntilTheNewOneIsUsed() throws {
        var play = Play(.previousUntilUsed)
        let first = try play.logIn()
        let lost = try play.refresh(first.refreshToken)
        let second = try play.refresh(first.refreshToken)
        // The one whose answer was lost is replaced by the one of the second try.
        #expect(throws: OAuthError.self) { try play.refresh(lost.refreshToken) }
        let third = try play.refresh(second.refreshToken)
        #expect(throws: OAuthError.self) { try play.refresh(first.refreshToken) }
        // Nothing was revoked for that.
        #expect(play.isValid(third))
        #expect(try play.refresh(third.refreshToken).refreshToken != nil)
    }

    @Test(arguments: [RotationKind.none, .grace(seconds: 30), .previousUntilUsed, .strict])
    func whatIsRevokedIsRevokedWithAllThatBelongsToIt(rotation: RotationKind) throws {
        for isRefreshToken in [true, false] {
            var play = Play(rotation)
            let tokens = try play.logIn()
            play.grants.revoke("unknown", clientID: "c")
            play.grants.revoke(tokens.accessToken, clientID: "another client")
            #expect(play.isValid(tokens))
            play.grants.revoke(isRefreshToken ? tokens.refreshToken ?? "" : tokens.accessToken, clientID: "c")
            #expect(!play.isValid(tokens))
            #expect(throws: OAuthError.self) { try play.refresh(tokens.refreshToken) }
        }
    }

    @Test(arguments: [RotationKind.none, .grace(seconds: 30), .previousUntilUsed, .strict])
    func aThousandRenewalsInARowWork(rotation: RotationKind) throws {
        var play = Play(rotation)
        let first = try play.logIn()
        var refreshToken = first.refreshToken
        for _ in 0..<1000 {
            play.now += 50
            refreshToken = try play.refresh(refreshToken).refreshToken ?? refreshToken
        }
        #expect(play.grants.counts.refreshes == 1000)
        #expect(play.grants.counts.reusedRefreshTokens == 0)
    }
}
