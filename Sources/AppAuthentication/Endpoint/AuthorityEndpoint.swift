import Foundation
import OAuthWire
import TokenTransport

/// The token endpoint of a tenant of Microsoft Entra ID, or of Active Directory Federation Services.
struct AuthorityEndpoint: Sendable {
    enum Version: Sendable, Hashable {
        /// Takes a resource; it is the one that AppAuthentication for .NET uses.
        case v1
        /// Takes a scope.
        case v2
    }

    let url: URL
    let version: Version
    let dependencies: CredentialDependencies

    /// The endpoint of an authority such as `https://login.microsoftonline.com/TENANT`; nil when that is no URL.
    init?(authority: String, version: Version = .v1, dependencies: CredentialDependencies) {
        // Active Directory Federation Services has one address for both.
        let path = version == .v1 || authority.lowercased().hasSuffix("/adfs") ? "/oauth2/token" : "/oauth2/v2.0/token"
        guard let url = URL(string: authority + path) else { return nil }
        self.url = url
        self.version = version
        self.dependencies = dependencies
    }

    /// The field that says what the token is to be for.
    func wanted(_ resource: String) -> (name: String, value: String) {
        switch self.version {
        case .v1: ("resource", resource)
        case .v2: ("scope", "\(resource)/.default")
        }
    }

    /// Posts a form and reads the answer.
    ///
    /// - Throws: `TokenEndpointError` with what the endpoint said, ``TokenFormatError``, or `CancellationError`.
    func post(
        _ fields: [(name: String, value: String)],
        headers: [(name: String, value: String)] = []
    ) async throws -> TokenResponse {
        let endpoint = TokenEndpoint(
            url: self.url,
            transport: self.dependencies.transport,
            clock: self.dependencies.clock,
            now: self.dependencies.now
        )
        return try TokenResponse.read(try await endpoint.post(fields, headers: headers).body)
    }

    /// How an assertion for this endpoint is signed: as AppAuthentication for .NET does it for the first version, as
    /// newer clients do it for the second.
    var assertionAlgorithm: ClientAssertion.Algorithm {
        switch self.version {
        case .v1: .rs256
        case .v2: .ps256
        }
    }
}
