package import Foundation
package import OAuthWire
package import TokenTransport

extension OAuthClient {
    /// The request that asks whose account it is; nil where the row knows none.
    package func userInfoRequest(accessToken: Secret, kept: [String: String] = [:]) throws -> TransportRequest? {
        guard let info = self.provider.identity.userInfo else { return nil }
        let values = self.requestValues(kept.merging(try self.redirectValues(kept)) { _, new in new })
        let url = try self.address(info.url, place: "identity.userinfo.url", extra: values)
        let headers = [
            ("Accept", "application/json"), ("User-Agent", "token-vault"),
            ("Authorization", "Bearer \(accessToken.value)"),
        ]
        return RequestShape(method: info.method, body: .form).request(url, [], headers)
    }

    /// Whose account it is by the answer to that; an answer that cannot be read says nothing.
    package func account(in response: TransportResponse) -> AccountIdentity {
        guard
            let info = self.provider.identity.userInfo, response.status == 200, let value = JSONValue(response.body)
        else { return AccountIdentity() }
        return AccountIdentity(value, paths: info.fields)
    }

    /// Whose account it is by the ID token of a login.
    ///
    /// It came from the token endpoint itself, so that its signature needs no look (OpenID Connect Core section 3.1.3.7).
    ///
    /// - Throws: ``IDTokenError`` for a token that was not made for this login.
    package func account(in idToken: Secret, nonce: String, now: Date) throws(IDTokenError) -> AccountIdentity {
        let parts = idToken.value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decodeAnyAlphabet(parts[1]), let claims = JSONValue(payload)
        else {
            throw IDTokenError("it is not a JWT")
        }
        let audiences: [String] =
            if case .array(let list) = claims[path: "aud"] { list.compactMap(\.text) } else {
                claims[path: "aud"]?.text.map { [$0] } ?? []
            }
        guard audiences.contains(self.id) else { throw IDTokenError("it is for another client") }
        if let said = claims[path: "nonce"]?.text, said != nonce { throw IDTokenError("it is of another login") }
        if let expected = self.expectedIssuer, claims[path: "iss"]?.text != expected {
            throw IDTokenError("it is of another issuer")
        }
        if let expiry = claims[path: "exp"]?.text.flatMap(Double.init), expiry < now.timeIntervalSince1970 - 300 {
            throw IDTokenError("it has expired")
        }
        return AccountIdentity(
            claims,
            paths: ["subject": "sub", "email": "email", "login": "preferred_username"]
        )
    }

    /// Who the provider has to say that it is; nil where the row does not know.
    package var expectedIssuer: String? {
        self.provider.issuer.flatMap { PlaceholderText($0).filled(self.values) }
    }
}

/// An ID token that a login cannot believe.
package struct IDTokenError: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { "The provider's ID token was not accepted: \(self.reason)." }
}
