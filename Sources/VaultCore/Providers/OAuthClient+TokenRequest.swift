import Crypto
package import Foundation
package import OAuthWire
package import TokenTransport

extension OAuthClient {
    /// What tokens are asked for with.
    package enum Grant: Sendable {
        case code(Secret, verifier: Secret, redirectURI: String)
        case refreshToken(Secret)
        /// Renewal where there is no refresh token: the access token itself.
        case accessToken(Secret)
        /// The short-lived access token of a login.
        case upgrade(Secret)
    }

    /// The request to the token endpoint.
    ///
    /// - Parameters:
    ///   - grant: What is exchanged for a token.
    ///   - kept: What the login brought besides, with the names that the row gives them.
    ///   - index: Which of the two client secrets; the first by default.
    ///   - now: When an assertion is signed.
    /// - Returns: The request, with its deadline.
    /// - Throws: ``ProviderRowError``; ``ClientAssertionError`` when the secret is no key.
    package func request(
        for grant: Grant,
        kept: [String: String] = [:],
        secret index: Int = 0,
        now: Date
    ) throws -> TransportRequest {
        let secret = self.secrets.indices.contains(index) ? self.secrets[index] : nil
        let values = self.requestValues(
            Self.values(of: grant).merging(try self.redirectValues(kept)) { own, _ in own },
            secret: secret
        )
        if let templates { return try templates.request(for: grant, values, rule: self.provider.endpointRule) }

        let shape = self.shape(of: grant)
        guard let text = shape.url else { throw ProviderRowError("tokenUrl", "is not known.") }
        let url = try self.address(text, place: "tokenUrl", extra: values)
        var fields = self.standardFields(of: grant)
        var headers = [("Accept", "application/json"), ("User-Agent", "token-vault")]
        try self.authenticate(
            self.provider.clientAuthentication,
            secret: secret,
            hashing: Self.hashed(grant),
            audience: url,
            now: now,
            &fields,
            &headers
        )
        fields = try Self.apply(shape.parameters, to: fields, values: values, place: "tokenParams")
        headers += self.provider.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return RequestShape(method: shape.method, body: self.provider.body).request(url, fields, headers)
    }

    private func shape(
        of grant: Grant
    ) -> (url: String?, method: Provider.RequestMethod, parameters: [String: String?]) {
        switch grant {
        case .code:
            (self.provider.tokenURL, self.provider.tokenMethod, self.provider.tokenParameters)
        case .refreshToken, .accessToken:
            (
                self.provider.refreshURL ?? self.provider.tokenURL,
                self.provider.refreshMethod ?? self.provider.tokenMethod, self.provider.refreshParameters
            )
        case .upgrade:
            (
                self.provider.upgrade?.url, self.provider.upgrade?.method ?? .post,
                self.provider.upgrade?.parameters ?? [:]
            )
        }
    }

    private func standardFields(of grant: Grant) -> [(name: String, value: String)] {
        switch grant {
        case .code(let code, let verifier, let redirectURI):
            [
                ("grant_type", "authorization_code"), ("code", code.value), ("redirect_uri", redirectURI),
            ] + (self.provider.usesPKCE ? [("code_verifier", verifier.value)] : [])
        case .refreshToken(let token):
            [
                ("grant_type", "refresh_token"), ("refresh_token", token.value),
            ]
                + (self.provider.scope.isRepeatedOnRefresh && !self.scopes.isEmpty
                    ? [(self.provider.scope.parameter, self.scopes.joined(separator: self.provider.scope.separator))]
                    : [])
        case .accessToken, .upgrade: []
        }
    }

    private static func values(of grant: Grant) -> [String: String] {
        switch grant {
        case .code(let code, let verifier, let redirectURI):
            [
                "code": code.value, "codeverifier": verifier.value, "redirecturi": redirectURI,
                "redirecturl": redirectURI,
            ]
        case .refreshToken(let token): ["refreshtoken": token.value]
        case .accessToken(let token), .upgrade(let token): ["accesstoken": token.value]
        }
    }

    private static func hashed(_ grant: Grant) -> String {
        switch grant {
        case .code(let value, _, _), .refreshToken(let value), .accessToken(let value), .upgrade(let value): value.value
        }
    }

    /// Values of placeholders that came in the redirect, if the row allows them.
    func redirectValues(_ kept: [String: String]) throws(ProviderRowError) -> [String: String] {
        var values: [String: String] = [:]
        for (name, placeholder) in self.provider.placeholders {
            guard let parameter = placeholder.redirectParameter, let value = kept[parameter] else { continue }
            guard placeholder.allows(value) else {
                throw ProviderRowError(
                    parameter,
                    "came back from the provider with a value that its row does not list."
                )
            }
            values[name] = value
        }
        return values
    }

    /// Says who the client is.
    func authenticate(
        _ way: Provider.ClientAuthentication,
        secret: Secret?,
        hashing value: String,
        audience: URL,
        now: Date,
        _ fields: inout [(name: String, value: String)],
        _ headers: inout [(String, String)]
    ) throws {
        let secret = secret?.value ?? ""
        switch way {
        case .post: fields += [("client_id", self.id), ("client_secret", secret)]
        case .basic: headers.append(("Authorization", BasicCredentials.header(id: self.id, secret: secret)))
        case .bearer: headers.append(("Authorization", "Bearer \(secret)"))
        case .none: fields.append(("client_id", self.id))
        case .hash:
            let digest = SHA256.hash(data: Data("\(secret)|\(value)".utf8))
            fields += [("client_id", self.id), ("hash", digest.map { String(format: "%02x", $0) }.joined())]
        case .jwt:
            let assertion = try ClientAssertion(clientID: self.id, audience: audience, now: now).signed(with: secret)
            fields += [("client_id", self.id)] + ClientAssertionFields.fields(assertion)
        }
    }
}
