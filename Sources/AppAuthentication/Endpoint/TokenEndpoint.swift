import Foundation
import OAuthWire
import TokenTransport

/// The token endpoint of a tenant.
struct TokenEndpoint: Sendable {
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
    /// - Throws: ``TokenEndpointError`` with what the endpoint said, ``TokenFormatError``, or `CancellationError`.
    func post(
        _ fields: [(name: String, value: String)],
        headers: [(name: String, value: String)] = []
    ) async throws -> TokenResponse {
        let request = TransportRequest(
            .post,
            url: self.url,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ] + headers,
            body: URLEncoding.form(fields)
        )
        let outcome = try await RetryPolicy.tokenEndpoint.run(
            limit: nil,
            clock: self.dependencies.clock,
            now: self.dependencies.now
        ) { timeout in
            // The form holds a secret.
            try BearerPolicy.check(request.url)
            var request = request
            request.timeout = timeout
            return try await self.dependencies.transport.send(request)
        }
        switch outcome {
        case .answer(let response) where (200...299).contains(response.status):
            return try TokenResponse(response.body)
        case .answer(let response), .exhausted(let response, _):
            throw TokenEndpointError(response)
        case .unreachable(let error, _):
            throw TokenEndpointError(reason: error.description)
        case .limitReached:
            throw TokenEndpointError(reason: "The token endpoint did not answer in time.")
        }
    }
}

extension TokenEndpoint {
    /// How an assertion for this endpoint is signed: as AppAuthentication for .NET does it for the first version, as
    /// newer clients do it for the second.
    var assertionAlgorithm: ClientAssertion.Algorithm {
        switch self.version {
        case .v1: .rs256
        case .v2: .ps256
        }
    }
}

/// Why the token endpoint gave no token.
struct TokenEndpointError: Error, Sendable, Hashable {
    let reason: String
    /// The kind of refusal (RFC 6749 section 5.2); nil when the endpoint did not refuse but failed.
    let code: String?
    /// What the endpoint wants of the user besides, as JSON.
    let claims: String?

    init(reason: String) {
        self.reason = reason
        self.code = nil
        self.claims = nil
    }

    /// What the endpoint says: the description, which begins with an AADSTS number, or whatever else there is.
    init(_ response: TransportResponse) {
        let answer = try? JSONDecoder().decode(Answer.self, from: response.body)
        self.code = answer?.error
        self.claims = answer?.claims
        if let text = answer?.errorDescription ?? answer?.error, !text.isEmpty {
            self.reason = text
        } else {
            self.reason = "The token endpoint answered with the status \(response.status)."
        }
    }

    private struct Answer: Decodable {
        let error: String?
        let errorDescription: String?
        let claims: String?

        enum CodingKeys: String, CodingKey {
            case error, claims
            case errorDescription = "error_description"
        }
    }
}
