import HTTPTypes
import Hummingbird

/// An error of the token or the revocation endpoint (RFC 6749 section 5.2).
struct OAuthError: EmulatorError, Equatable {
    let error: String
    let reason: String
    var status: HTTPResponse.Status = .badRequest

    static func invalidRequest(_ reason: String) -> Self { .init(error: "invalid_request", reason: reason) }
    static func invalidGrant(_ reason: String) -> Self { .init(error: "invalid_grant", reason: reason) }
    static let invalidClient = Self(
        error: "invalid_client",
        reason: "The client id or the client secret is wrong.",
        status: .unauthorized
    )
    static func unsupportedGrantType(_ name: String) -> Self {
        .init(error: "unsupported_grant_type", reason: "The grant type '\(name.printable)' is not supported.")
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers = HTTPFields()
        if self.status == .unauthorized, request.headers[.authorization] != nil {
            headers[.wwwAuthenticate] = #"Basic realm="oauth""#
        }
        return try .json(
            ["error": self.error, "error_description": self.reason],
            status: self.status,
            headers: headers
        )
    }
}
