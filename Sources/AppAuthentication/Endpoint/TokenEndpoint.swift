import Foundation
import Transport

/// The v1 token endpoint of a tenant, as AppAuthentication for .NET uses it.
struct TokenEndpoint: Sendable {
    let url: URL
    let outside: Outside

    /// The endpoint of an authority such as `https://login.microsoftonline.com/TENANT`; nil when that is no URL.
    init?(authority: String, outside: Outside) {
        guard let url = URL(string: authority + "/oauth2/token") else { return nil }
        self.url = url
        self.outside = outside
    }

    /// Posts a form and reads the answer.
    ///
    /// - Throws: ``TokenEndpointError`` with what the endpoint said, ``TokenFormatError``, or `CancellationError`.
    func post(_ fields: [(name: String, value: String)]) async throws -> TokenResponse {
        let request = TransportRequest(
            .post,
            url: self.url,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ],
            body: URLEncoding.form(fields)
        )
        let outcome = try await RetryPolicy.tokenEndpoint.run(
            limit: nil,
            clock: self.outside.clock,
            now: self.outside.now
        ) { timeout in
            // The form holds a secret.
            try BearerPolicy.check(request.url)
            var request = request
            request.timeout = timeout
            return try await self.outside.transport.send(request)
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

/// Why the token endpoint gave no token.
struct TokenEndpointError: Error, Sendable, Hashable {
    let reason: String

    init(reason: String) {
        self.reason = reason
    }

    /// What the endpoint says: the description, which begins with an AADSTS number, or whatever else there is.
    init(_ response: TransportResponse) {
        let answer = try? JSONDecoder().decode(Answer.self, from: response.body)
        if let text = answer?.errorDescription ?? answer?.error, !text.isEmpty {
            self.reason = text
        } else {
            self.reason = "The token endpoint answered with the status \(response.status)."
        }
    }

    private struct Answer: Decodable {
        let error: String?
        let errorDescription: String?

        enum CodingKeys: String, CodingKey {
            case error
            case errorDescription = "error_description"
        }
    }
}
