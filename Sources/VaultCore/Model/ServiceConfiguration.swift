import Crypto
import Foundation

/// What a service was set up with, but for its secrets.
package struct ServiceConfiguration: Sendable, Hashable {
    /// Name of the identity provider.
    package let provider: String
    package let displayName: String
    package let clientID: String
    package let scopes: [String]
    /// What else the provider's row asks for, such as the URL templates of `oauth2generic`; the names in lower case.
    package let parameters: [String: String]
    /// What tokens may be given as parameters: kept as JSON, since the API only shows it.
    package let tokenParameters: String
    /// Where a browser may go after a login, beside what the store allows.
    package let returnURLs: [String]

    package init(
        provider: String,
        displayName: String = "",
        clientID: String = "",
        scopes: [String] = [],
        parameters: [String: String] = [:],
        tokenParameters: String = "{}",
        returnURLs: [String] = []
    ) {
        self.provider = provider
        self.displayName = displayName
        self.clientID = clientID
        self.scopes = scopes
        self.parameters = parameters
        self.tokenParameters = tokenParameters
        self.returnURLs = returnURLs
    }

    /// Changes when credentials must no longer be sent where the service points: provider, client or parameters.
    ///
    /// Scopes, names and return URLs may change under a credential.
    package var hash: String {
        let parameters = self.parameters.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        let parts = ["service", self.provider, self.clientID] + parameters
        return SHA256.hash(data: LengthPrefixed.encode(parts)).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        .joined()
    }
}
