import Foundation
import JWTKit

/// Makes and signs access tokens.
struct TokenIssuer: Sendable {
    let authority: Authority
    private let keyIdentifier: String
    private let keys: JWTKeyCollection
    private let now: @Sendable () -> Date

    init(authority: Authority, signingKey: SigningKey, now: @escaping @Sendable () -> Date = { Date() }) async {
        self.authority = authority
        self.keyIdentifier = signingKey.identifier
        self.keys = await signingKey.makeCollection()
        self.now = now
    }

    /// A token that tells the resource who the identity is.
    func token(
        for identity: Identity,
        resource: Resource,
        version: Authority.Version,
        lifetime: Int
    ) async throws -> IssuedToken {
        let issuedAt = Int(self.now().timeIntervalSince1970)
        let claims = AccessTokenClaims(
            audience: resource.identifier,
            issuer: self.authority.issuer(version),
            issuedAt: issuedAt,
            notBefore: issuedAt,
            expiration: issuedAt + lifetime,
            tenantID: self.authority.tenantID,
            objectID: identity.objectID,
            subject: identity.objectID,
            identityType: "app",
            applicationID: version == .v1 ? identity.clientID : nil,
            authorizedParty: version == .v2 ? identity.clientID : nil,
            managedIdentityResourceID: identity.resourceID,
            version: version.rawValue
        )
        let token = try await self.keys.sign(claims, kid: JWKIdentifier(string: self.keyIdentifier))
        return IssuedToken(token: Secret(value: token), notBefore: issuedAt, lifetime: lifetime)
    }

    /// Whether this emulator signed the token and it has not expired.
    func recognizes(_ token: String) async -> Bool {
        (try? await self.keys.verify(token, as: AccessTokenClaims.self)) != nil
    }

    /// Whether it is, besides, for that resource, with a slash at its end or without.
    func recognizes(_ token: String, for resource: String) async -> Bool {
        guard let claims = try? await self.keys.verify(token, as: AccessTokenClaims.self) else { return false }
        return [resource, "\(resource)/"].contains(claims.audience)
    }
}
