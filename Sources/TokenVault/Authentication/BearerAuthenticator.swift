import Foundation
import JWTKit
import Logging
import TokenTransport
import VaultCore

/// Tells who calls, from the `Authorization` header (RFC 6750 section 2.1) and the keys of the issuers it trusts.
struct BearerAuthenticator: Sendable {
    /// Entra's tokens are 1 to 4 KiB; group claims can triple that.
    static let maxTokenBytes = 32 * 1024

    private let issuers: [(issuer: IssuerURL, keys: IssuerKeys)]
    private let audiences: Set<Audience>
    /// The same as they were given, and as most tokens have them: to find out which two spellings are one takes longer.
    private let spelledAudiences: Set<String>
    private let verified: VerifiedTokens?
    private let now: @Sendable () -> Date

    init(
        issuers: [IssuerURL],
        audiences: [String],
        transport: any HTTPTransport,
        logger: Logger,
        verified: VerifiedTokens? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.verified = verified
        self.issuers = issuers.map { issuer in
            let discovery = KeyDiscovery(issuer: issuer, transport: transport)
            return (issuer, IssuerKeys(discovery: discovery, now: now, logger: logger))
        }
        self.audiences = Set(audiences.map(Audience.init))
        self.spelledAudiences = Set(audiences)
        self.now = now
    }

    /// The principal that the header's token was issued to.
    ///
    /// - Throws: ``BearerFailure``.
    nonisolated(nonsending) func principal(authorization: String?) async throws -> Principal {
        try await self.principal(bearer: self.compact(in: authorization))
    }

    /// The principal that a token of at most ``maxTokenBytes`` was issued to.
    ///
    /// - Throws: ``BearerFailure``.
    nonisolated(nonsending) func principal(bearer compact: [UInt8]) async throws -> Principal {
        guard let verified = self.verified else { return try await self.verify(compact).principal }
        let digest = VerifiedTokens.digest(of: compact)
        if let entry = verified[digest] {
            if let principal = try await self.principal(of: entry) { return principal }
            verified.remove(digest)
        }
        let entry = try await self.verify(compact)
        verified.insert(entry, for: digest, at: self.now().timeIntervalSince1970)
        return entry.principal
    }

    /// Whose token it is that was verified before; nil when it has to be verified once more: it may have expired, or the issuer may
    /// publish its key no more.
    nonisolated(nonsending) private func principal(of entry: VerifiedTokens.Entry) async throws -> Principal? {
        guard entry.validity.contains(self.now().timeIntervalSince1970) else { return nil }
        // Asked for each time: so keys are fetched again as they age, and none is trusted longer than without the memory.
        let key = try await self.issuers[entry.issuer].keys.key(entry.keyID)
        return key.generation == entry.generation ? entry.principal : nil
    }

    nonisolated(nonsending) private func verify(_ compact: [UInt8]) async throws -> VerifiedTokens.Entry {
        guard let token = JSONWebToken(compact: compact) else {
            throw BearerFailure.invalid("The token is malformed.")
        }
        guard KeySet.algorithms.contains(token.header.alg) else {
            throw BearerFailure.invalid("The token's algorithm is not accepted.")
        }
        // RFC 7515 section 4.1.11: who does not understand an extension that is marked critical must refuse.
        guard !token.header.isCritical else {
            throw BearerFailure.invalid("The token needs an extension that is not understood.")
        }
        guard let number = self.issuers.firstIndex(where: { $0.issuer.matches(token.claims.iss) }) else {
            throw BearerFailure.invalid("The token's issuer is not accepted.")
        }
        let trusted = self.issuers[number]
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
        return VerifiedTokens.Entry(
            principal: principal,
            validity: token.claims.validity,
            issuer: number,
            keyID: kid,
            generation: key.generation
        )
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

    /// The token in a header, as bytes: splitting a text looks for characters, of which a token has a thousand.
    private func compact(in authorization: String?) throws(BearerFailure) -> [UInt8] {
        guard let authorization else {
            throw .missing
        }
        let words = Array(authorization.utf8).split(separator: UInt8(ascii: " "))
        guard let scheme = words.first, String(decoding: scheme, as: UTF8.self).lowercased() == "bearer" else {
            throw .missing
        }
        guard words.count == 2, words[1].count <= Self.maxTokenBytes else {
            throw .invalid("The token is malformed.")
        }
        return Array(words[1])
    }

    private func principal(claims: JSONWebToken.Claims) throws(BearerFailure) -> Principal {
        let now = self.now().timeIntervalSince1970
        guard now < claims.validity.end else {
            throw .invalid("The token has expired.")
        }
        guard now >= claims.validity.begin else {
            throw .invalid("The token is not valid yet.")
        }
        let isMeant = claims.aud.values.contains {
            self.spelledAudiences.contains($0) || self.audiences.contains(Audience($0))
        }
        guard isMeant else {
            throw .invalid("The token is for another audience.")
        }
        guard let tenantID = claims.tid, !tenantID.isEmpty, let objectID = claims.oid, !objectID.isEmpty else {
            throw .invalid("The token does not name its principal: tid and oid are needed.")
        }
        return Principal(tenantID: tenantID, objectID: objectID)
    }
}
