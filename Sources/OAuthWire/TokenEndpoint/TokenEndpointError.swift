import Foundation
package import TokenTransport

/// Why the token endpoint gave no token.
package struct TokenEndpointError: Error, Sendable, Hashable {
    package let reason: String
    /// The kind of refusal (RFC 6749 section 5.2); nil when the endpoint did not refuse but failed.
    package let code: String?
    /// What the endpoint wants of the user besides, as JSON (a claims challenge).
    package let claims: String?

    package init(reason: String) {
        self.reason = reason
        self.code = nil
        self.claims = nil
    }

    /// What the endpoint says: the description, which begins with an AADSTS number, or whatever else there is.
    package init(_ response: TransportResponse) {
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
