import HTTPTypes

/// Why a request does not go to the API, and what its sender is told.
struct EgressRefusal: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    /// One sentence, without a secret.
    let reason: String

    init(_ status: HTTPResponse.Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
