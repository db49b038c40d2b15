import Crypto
import Foundation
import OAuthWire

/// What the provider has granted: codes, access tokens and families of refresh tokens.
///
/// A pure value: the time and every new token are given to it.
struct OAuthGrants: Sendable {
    /// What a successful call of the token endpoint hands out.
    struct Tokens: Sendable, Equatable {
        let accessToken: String
        /// Nil when the one that was used stays valid.
        let refreshToken: String?
        let scope: String
        let lifetime: Int
    }

    /// How often things happened, for tests that count calls.
    struct Counts: Sendable, Hashable, Encodable {
        var logins = 0
        var refreshes = 0
        var reusedRefreshTokens = 0
        var revokedFamilies = 0
    }

    private struct Code {
        let request: AuthorizationRequest
        let person: Person
        let expiresAt: Date
        /// The family that was made from it; another use of the code revokes that.
        var family: Int?
    }

    /// What one person gave at one login.
    private struct Family {
        let person: Person
        let clientID: String
        let scope: String
        var current: String
        var previous: String?
        var rotatedAt = Date.distantPast
        var isRevoked = false
    }

    private static let codeLifetime: TimeInterval = 60

    let rotation: RotationKind
    let lifetime: Int
    private(set) var counts = Counts()
    private var codes: [String: Code] = [:]
    private var families: [Family] = []
    /// The family of each refresh token that was ever issued.
    private var refreshTokens: [String: Int] = [:]
    private var accessTokens: [String: (family: Int, expiresAt: Date)] = [:]

    init(rotation: RotationKind, lifetime: Int) {
        self.rotation = rotation
        self.lifetime = lifetime
    }

    /// Notes that a person consented.
    mutating func consent(to request: AuthorizationRequest, by person: Person, code: String, now: Date) {
        self.codes = self.codes.filter { now < $0.value.expiresAt || $0.value.family != nil }
        self.codes[code] = Code(request: request, person: person, expiresAt: now + Self.codeLifetime)
    }

    /// Redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
    mutating func redeem(
        code: String,
        verifier: String,
        redirectURI: String?,
        clientID: String,
        now: Date,
        newToken: () -> String
    ) throws(OAuthError) -> Tokens {
        guard let known = self.codes[code], known.request.clientID == clientID else {
            throw .invalidGrant("The code is not known.")
        }
        if let family = known.family {
            self.revoke(family)
            throw .invalidGrant("The code was used already; what was granted with it is revoked.")
        }
        guard now < known.expiresAt else {
            throw .invalidGrant("The code has expired.")
        }
        guard redirectURI == known.request.redirectURI else {
            throw .invalidGrant("The redirect_uri is not the one of the authorization request.")
        }
        guard Self.challenge(of: verifier) == known.request.codeChallenge else {
            throw .invalidGrant("The code_verifier does not fit the code_challenge.")
        }
        let refreshToken = newToken()
        let family = self.families.count
        self.families.append(
            Family(person: known.person, clientID: clientID, scope: known.request.scope, current: refreshToken)
        )
        self.refreshTokens[refreshToken] = family
        self.codes[code]?.family = family
        self.counts.logins += 1
        return self.issue(for: family, refreshToken: refreshToken, now: now, newToken: newToken)
    }

    /// Renews an access token (RFC 6749 section 6), as the kind of rotation has it.
    mutating func refresh(
        _ refreshToken: String,
        clientID: String,
        now: Date,
        newToken: () -> String
    ) throws(OAuthError) -> Tokens {
        self.counts.refreshes += 1
        guard let family = self.refreshTokens[refreshToken], self.families[family].clientID == clientID else {
            throw .invalidGrant("The refresh token is not known.")
        }
        guard !self.families[family].isRevoked else {
            throw .invalidGrant("The refresh token was revoked.")
        }
        let isCurrent = self.families[family].current == refreshToken
        let isPrevious = self.families[family].previous == refreshToken
        switch self.rotation {
        case .none:
            return self.issue(for: family, refreshToken: nil, now: now, newToken: newToken)
        case .grace(let seconds):
            if isPrevious, now < self.families[family].rotatedAt + TimeInterval(seconds) {
                let current = self.families[family].current
                return self.issue(for: family, refreshToken: current, now: now, newToken: newToken)
            }
            guard isCurrent else { throw self.refuseReuse(of: family) }
        case .previousUntilUsed:
            guard isCurrent || isPrevious else {
                self.counts.reusedRefreshTokens += 1
                throw .invalidGrant("The refresh token was replaced, and its successor was used.")
            }
        case .strict:
            guard isCurrent else { throw self.refuseReuse(of: family) }
        }
        let successor = newToken()
        self.refreshTokens[successor] = family
        self.families[family].previous = refreshToken
        self.families[family].current = successor
        self.families[family].rotatedAt = now
        return self.issue(for: family, refreshToken: successor, now: now, newToken: newToken)
    }

    /// Revokes a token of the client, with all that was granted with it (RFC 7009 section 2.1).
    mutating func revoke(_ token: String, clientID: String) {
        guard
            let family = self.refreshTokens[token] ?? self.accessTokens[token]?.family,
            self.families[family].clientID == clientID
        else {
            return
        }
        self.revoke(family)
    }

    /// Whom an access token stands for; nil when it is not valid.
    func person(accessToken: String, now: Date) -> Person? {
        guard let token = self.accessTokens[accessToken], now < token.expiresAt else {
            return nil
        }
        let family = self.families[token.family]
        return family.isRevoked ? nil : family.person
    }

    private mutating func refuseReuse(of family: Int) -> OAuthError {
        self.counts.reusedRefreshTokens += 1
        self.revoke(family)
        return .invalidGrant("The refresh token was used already; what was granted with it is revoked.")
    }

    private mutating func revoke(_ family: Int) {
        guard !self.families[family].isRevoked else {
            return
        }
        self.families[family].isRevoked = true
        self.counts.revokedFamilies += 1
    }

    private mutating func issue(
        for family: Int,
        refreshToken: String?,
        now: Date,
        newToken: () -> String
    ) -> Tokens {
        self.accessTokens = self.accessTokens.filter { now < $0.value.expiresAt }
        let accessToken = newToken()
        self.accessTokens[accessToken] = (family, now + TimeInterval(self.lifetime))
        return Tokens(
            accessToken: accessToken,
            refreshToken: refreshToken,
            scope: self.families[family].scope,
            lifetime: self.lifetime
        )
    }

    /// RFC 7636 section 4.2, method S256.
    static func challenge(of verifier: String) -> String {
        Base64URL.encode(Data(SHA256.hash(data: Data(verifier.utf8))))
    }
}
