package import Foundation
import OAuthWire

extension OAuthClient {
    /// Where the provider's metadata is; nil where the row has the endpoints itself.
    package func discoveryURL() throws(ProviderRowError) -> URL? {
        guard let text = self.provider.discoveryURL else { return nil }
        return try self.address(text, place: "discoveryUrl")
    }

    /// This client with the endpoints of the provider's metadata (RFC 8414, OpenID Connect Discovery).
    ///
    /// - Throws: ``ProviderRowError`` for metadata of somebody else, or with endpoints where none may be.
    package func discovered(_ metadata: Data) throws(ProviderRowError) -> OAuthClient {
        guard let document = JSONValue(metadata), document.object != nil else {
            throw ProviderRowError("discoveryUrl", "does not answer with JSON.")
        }
        let issuer = document[path: "issuer"]?.text
        guard let issuer, self.expectedIssuer.map({ Self.isSame($0, issuer) }) ?? true else {
            throw ProviderRowError("discoveryUrl", "answers with the metadata of another issuer.")
        }
        var provider = self.provider
        provider.discoveryURL = nil
        provider.issuer = issuer
        provider.authorizeURL = try self.endpoint("authorization_endpoint", document) ?? provider.authorizeURL
        provider.tokenURL = try self.endpoint("token_endpoint", document) ?? provider.tokenURL
        guard provider.authorizeURL != nil, provider.tokenURL != nil else {
            throw ProviderRowError("discoveryUrl", "answers without the endpoints that a login needs.")
        }
        provider.requiresIssuer = document[path: "authorization_response_iss_parameter_supported"] == .bool(true)
        if let ways = document[path: "token_endpoint_auth_methods_supported"], case .array(let list) = ways {
            let names = list.compactMap(\.text)
            if provider.clientAuthentication == .post, !names.contains("client_secret_post"),
                names.contains("client_secret_basic")
            {
                provider.clientAuthentication = .basic
            }
        }
        if provider.revocation == nil, let url = try self.endpoint("revocation_endpoint", document) {
            provider.revocation = Provider.Revocation(url: url, authentication: provider.clientAuthentication)
        }
        if provider.identity.userInfo == nil, let url = try self.endpoint("userinfo_endpoint", document) {
            provider.identity.userInfo = Provider.IdentityRules.UserInfo(
                url: url,
                fields: ["subject": "sub", "email": "email", "login": "preferred_username"]
            )
        }
        return OAuthClient(self, provider: provider)
    }

    private func endpoint(_ name: String, _ document: JSONValue) throws(ProviderRowError) -> String? {
        guard let text = document[path: name]?.text else { return nil }
        // Braces would be taken for a placeholder.
        guard !text.contains("{") else { throw ProviderRowError(name, "of the metadata is not an address.") }
        return try self.provider.endpointRule.url(text, place: "\(name) of the metadata").absoluteString
    }

    /// Issuers are compared as they are, but for a slash at the end, which administrators add and leave out.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        one == other || one + "/" == other || one == other + "/"
    }

    private init(_ client: OAuthClient, provider: Provider) {
        self.provider = provider
        self.id = client.id
        self.secrets = client.secrets
        self.scopes = client.scopes
        self.values = client.values
        self.templates = client.templates
    }
}
