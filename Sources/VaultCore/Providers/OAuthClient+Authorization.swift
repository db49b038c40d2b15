package import Foundation
import OAuthWire

extension OAuthClient {
    /// What a login is begun with.
    package struct AuthorizationRequest: Sendable, Hashable {
        package var redirectURI: String
        package var state: String
        /// The S256 challenge (RFC 7636 section 4.2); left out where the provider takes none.
        package var codeChallenge: String
        /// Comes back in the ID token.
        package var nonce: String

        package init(redirectURI: String, state: String, codeChallenge: String, nonce: String) {
            self.redirectURI = redirectURI
            self.state = state
            self.codeChallenge = codeChallenge
            self.nonce = nonce
        }
    }

    /// The page of the provider that the browser is sent to.
    ///
    /// - Throws: ``ProviderRowError``
    package func authorizationURL(_ request: AuthorizationRequest) throws(ProviderRowError) -> URL {
        let values = self.requestValues([
            "redirecturi": request.redirectURI, "redirecturl": request.redirectURI, "state": request.state,
            "codechallenge": request.codeChallenge, "nonce": request.nonce,
        ])
        if let templates { return try templates.authorizationURL(values, rule: self.provider.endpointRule) }
        guard let text = self.provider.authorizeURL else {
            throw ProviderRowError("authorizeUrl", "is not known.")
        }
        var fields: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", self.id), ("redirect_uri", request.redirectURI),
            ("state", request.state),
        ]
        let scope = self.scopes.joined(separator: self.provider.scope.separator)
        if !scope.isEmpty { fields.append((self.provider.scope.parameter, scope)) }
        if self.provider.usesPKCE {
            fields += [("code_challenge", request.codeChallenge), ("code_challenge_method", "S256")]
        }
        if self.provider.identity.idToken, self.scopes.contains("openid") {
            fields.append(("nonce", request.nonce))
        }
        fields = try Self.apply(self.provider.authorizeParameters, to: fields, values: values, place: "authParams")
        return try self.address(text, place: "authorizeUrl").appending(query: fields)
    }

    /// The values of all placeholders of a request.
    func requestValues(_ values: [String: String], secret: Secret? = nil) -> [String: String] {
        var all = self.values
        all["clientid"] = self.id
        all["clientsecret"] = secret?.value
        all["scopes"] = self.scopes.joined(separator: self.provider.scope.separator)
        all["scope"] = all["scopes"]
        return all.merging(values) { _, new in new }
    }

    /// Adds the row's parameters to the standard ones; one of the same name takes its place, and null takes it out.
    static func apply(
        _ parameters: [String: String?],
        to fields: [(name: String, value: String)],
        values: [String: String],
        place: String
    ) throws(ProviderRowError) -> [(name: String, value: String)] {
        var fields = fields
        for (name, text) in parameters.sorted(by: { $0.key < $1.key }) {
            let index = fields.firstIndex { $0.name == name }
            guard let text else {
                if let index { fields.remove(at: index) }
                continue
            }
            guard let value = PlaceholderText(text).filled(values) else {
                throw ProviderRowError("\(place).\(name)", "needs a value that is not known.")
            }
            if let index { fields[index].value = value } else { fields.append((name, value)) }
        }
        return fields
    }
}

extension URL {
    /// The address with fields added to its query.
    func appending(query fields: [(name: String, value: String)]) -> URL {
        guard !fields.isEmpty else { return self }
        let added = String(decoding: URLEncoding.form(fields), as: UTF8.self)
        let text = self.absoluteString
        let separator = !text.contains("?") ? "?" : text.hasSuffix("?") || text.hasSuffix("&") ? "" : "&"
        // What is added is made of characters that may stand in a query, so that there is an address.
        return URL(string: text + separator + added) ?? self
    }
}
