import Foundation
import JWTKit
import Logging
import TokenTransport
import VaultCore

/// Tells who calls, from the `Authorization` header (RFC 6750 section 2.1) and the keys of the issuers it trusts.
struct BearerAuthenticator: Sendable {
    /// Clocks differ a little; a token is good for this much longer, and sooner, than it says.
    static let clockSkew: TimeInterval = 60
    /// Entra's tokens are 1 to 4 KiB; group claims can triple that.
    static let maxTokenBytes = 32 * 1024

    private let issuers: [(issuer: IssuerURL, keys: IssuerKeys)]
    private let audiences: Set<Audience>
    private let now: @Sendable () -> Date

    init(
        issuers: [IssuerURL],
        audiences: [String],
        transport: any HTTPTransport,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.issuers = issuers.map { issuer in
            let discovery = KeyDiscovery(issuer: issuer, transport: transport)
            return (issuer, IssuerKeys(discovery: discovery, now: now, logger: logger))
        }
        self.audiences = Set(audiences.map(Audience.init))
        self.now = now
    }

    /// The principal that the header's token was issued to.
    ///
    /// - Throws: ``BearerFailure``.
    func principal(authorization: String?) async throws -> Principal {
        let token = try self.token(in: authorization)
        guard KeySet.algorithms.contains(token.header.alg) else {
            throw BearerFailure.invalid("The token's algorithm is not accepted.")
        }
        // RFC 7515 section 4.1.11: who does not understand an extension that is marked critical must refuse.
        guard !token.header.isCritical else {
            throw BearerFailure.invalid("The token needs an extension that is not understood.")
        }
        guard let trusted = self.issuers.first(where: { $0.issuer.matches(token.claims.iss) }) else {
            throw BearerFailure.invalid("The token's issuer is not accepted.")
        }
        guard let kid = token.header.kid else {
            throw BearerFailure.invalid("The token does not say which key signed it.")
        }
        let key = try await trusted.keys.key(kid)
        guard
            key.algorithm.name == token.header.alg,
            (try? key.algorithm.verify(token.signature, signs: token.signedBytes)) == true
        else {
            throw BearerFailure.invalid("The token's signature is not valid.")
        }
        guard key.maySign(for: token.claims) else {
            throw BearerFailure.invalid("The token is signed with a key that its issuer publishes for another issuer.")
        }
        let principal = try self.principal(claims: token.claims)
        guard self.issuer(trusted.issuer, speaksFor: principal.tenantID) else {
            throw BearerFailure.invalid("The token names a tenant that its issuer does not speak for.")
        }
        guard token.isAccessToken else {
            throw BearerFailure.invalid("The token is not an access token: it names no client (appid, azp) and no scp.")
        }
        return principal
    }

    /// An issuer whose address holds a tenant id speaks for that tenant alone; another for all but those.
    ///
    /// Else the weaker of two issuers could name the principals of the other.
    private func issuer(_ issuer: IssuerURL, speaksFor tenantID: String) -> Bool {
        guard let own = issuer.tenantID else {
            return !self.issuers.contains { $0.issuer.tenantID == tenantID }
        }
        return own == tenantID
    }

    private func token(in authorization: String?) throws(BearerFailure) -> JSONWebToken {
        guard let authorization else {
            throw .missing
        }
        let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
        guard let scheme = words.first, scheme.lowercased() == "bearer" else {
            throw .missing
        }
        guard
            words.count == 2, words[1].utf8.count <= Self.maxTokenBytes,
            let token = JSONWebToken(compact: words[1])
        else {
            throw .invalid("The token is malformed.")
        }
        return token
    }

    private func principal(claims: JSONWebToken.Claims) throws(BearerFailure) -> Principal {
        let now = self.now().timeIntervalSince1970
        // RFC 7519 section 4.1.4: on or after `exp` it is no longer accepted.
        guard now < claims.exp + Self.clockSkew else {
            throw .invalid("The token has expired.")
        }
        guard now >= (claims.nbf ?? -.infinity) - Self.clockSkew else {
            throw .invalid("The token is not valid yet.")
        }
        guard claims.aud.values.contains(where: { self.audiences.contains(Audience($0)) }) else {
            throw .invalid("The token is for another audience.")
        }
        guard let tenantID = claims.tid, !tenantID.isEmpty, let objectID = claims.oid, !objectID.isEmpty else {
            throw .invalid("The token does not name its principal: tid and oid are needed.")
        }
        return Principal(tenantID: tenantID, objectID: objectID)
    }
}
