import CryptoExtras
import Foundation
import Locking
import OAuthWire

/// Decides whether a client assertion comes from the application and was meant for this endpoint, now.
final class ClientAssertionVerifier: Sendable {
    /// By how much clocks may differ.
    private static let skew = 300.0

    private let certificates: [String: RegisteredCertificate]
    private let authority: Authority
    private let isSingleUse: Bool
    private let now: @Sendable () -> Date
    /// The assertions that bought a token, until when they are valid.
    private let used = Mutex<[String: Double]>([:])

    /// Azure takes the same assertion again while it is valid, and its clients use that; a single use is stricter.
    init(
        certificates: [String: RegisteredCertificate],
        authority: Authority,
        isSingleUse: Bool,
        now: @escaping @Sendable () -> Date
    ) {
        self.certificates = certificates
        self.authority = authority
        self.isSingleUse = isSingleUse
        self.now = now
    }

    /// - Throws: ``EntraError`` when the assertion is not accepted.
    func verify(_ text: String, of identity: Identity) throws {
        guard let assertion = ClientAssertion(text) else { throw EntraError.malformedAssertion }
        let claims = assertion.claims
        guard claims.iss.lowercased() == identity.clientID, claims.sub.lowercased() == identity.clientID else {
            throw EntraError.assertionOfAnother(clientID: identity.clientID)
        }
        let now = self.now()
        try self.verifySignature(of: assertion, clientID: identity.clientID, now: now)
        guard self.audiences.contains(claims.aud.lowercased()) else {
            throw EntraError.wrongAssertionAudience(self.authority.endpoint("token", .v2))
        }
        let time = now.timeIntervalSince1970
        guard time < claims.exp + Self.skew, time >= (claims.nbf ?? time) - Self.skew else {
            throw EntraError.assertionOutOfTime
        }
        if self.isSingleUse { try self.use(claims, of: identity, at: time) }
    }

    private var audiences: [String] {
        Authority.Version.allCases.flatMap { version in
            [self.authority.endpoint("token", version), self.authority.issuer(version)].map { $0.lowercased() }
        }
    }

    private func verifySignature(of assertion: ClientAssertion, clientID: String, now: Date) throws {
        guard let certificate = self.certificates[clientID] else {
            throw EntraError.invalidAssertion("the application has no certificate.")
        }
        let padding: _RSA.Signing.Padding
        switch assertion.header.algorithm {
        case "RS256": padding = .insecurePKCS1v1_5
        case "PS256": padding = .PSS
        default: throw EntraError.invalidAssertion("it is signed with neither RS256 nor PS256.")
        }
        let names = [(assertion.header.sha1, certificate.sha1), (assertion.header.sha256, certificate.sha256)]
        let given = names.filter { $0.0 != nil }
        // Some clients pad, and some use the alphabet that is not for URLs.
        guard !given.isEmpty, given.allSatisfy({ Base64URL.decodeAnyAlphabet($0.0 ?? "") == $0.1 }) else {
            throw EntraError.invalidAssertion("the key was not found; the application has another certificate.")
        }
        guard certificate.isSignature(assertion.signature, of: assertion.message, padding: padding) else {
            throw EntraError.invalidAssertion("its signature is wrong.")
        }
        guard now < certificate.notAfter else {
            throw EntraError.invalidAssertion("the certificate has expired.")
        }
    }

    private func use(_ claims: ClientAssertion.Claims, of identity: Identity, at time: Double) throws {
        let isNew = self.used.withLock { used in
            used = used.filter { $0.value + Self.skew > time }
            return used.updateValue(claims.exp, forKey: "\(identity.clientID) \(claims.jti)") == nil
        }
        guard isNew else { throw EntraError.invalidAssertion("it was used before.") }
    }
}
