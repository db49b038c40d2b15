package import Foundation
package import OAuthWire
package import TokenTransport

extension OAuthClient {
    /// The request that ends a grant at the provider; nil where there is none, or nothing to end it with.
    package func revocation(
        refreshToken: Secret?,
        accessToken: Secret?,
        account: AccountIdentity = AccountIdentity(),
        kept: [String: String] = [:],
        secret index: Int = 0,
        now: Date
    ) throws -> TransportRequest? {
        guard let rules = self.provider.revocation else { return nil }
        // The refresh token first: with it goes the whole grant (RFC 7009 section 2.1).
        let token = rules.token == .refreshToken ? refreshToken ?? accessToken : accessToken
        guard let token else { return nil }
        let secret = self.secrets.indices.contains(index) ? self.secrets[index] : nil
        var dynamic = ["token": token.value]
        dynamic["accesstoken"] = accessToken?.value
        dynamic["refreshtoken"] = refreshToken?.value
        dynamic["subject"] = account.subject
        let values = self.requestValues(
            dynamic.merging(try self.redirectValues(kept)) { own, _ in own },
            secret: secret
        )
        let url = try self.address(rules.url, place: "revoke.url", extra: values)
        var fields = [(name: "token", value: token.value)]
        var headers = [("Accept", "application/json"), ("User-Agent", "token-vault")]
        if rules.authentication == .bearer {
            // Of the token itself, since no client secret is a bearer token for an API.
            headers.append(("Authorization", "Bearer \(token.value)"))
        } else {
            try self.authenticate(
                rules.authentication,
                secret: secret,
                hashing: token.value,
                audience: url,
                now: now,
                &fields,
                &headers
            )
        }
        fields = try Self.apply(rules.parameters, to: fields, values: values, place: "revoke.params")
        return RequestShape(method: rules.method, body: rules.body).request(url, fields, headers)
    }
}
