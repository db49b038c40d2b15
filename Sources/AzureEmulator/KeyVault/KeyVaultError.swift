import HTTPTypes
import Hummingbird

/// An error as a Key Vault gives it.
struct KeyVaultError: EmulatorError, Equatable {
    let status: HTTPResponse.Status
    let code: String
    let reason: String
    /// What is said to who has no token: where to get one, and what for.
    var challenge: String?

    private struct Body: Encodable {
        struct Error: Encodable {
            let code: String
            let message: String
        }
        let error: Error
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers = HTTPFields()
        headers[.wwwAuthenticate] = self.challenge
        return try .json(
            Body(error: Body.Error(code: self.code, message: self.reason)),
            status: self.status,
            headers: headers
        )
    }

    static func badParameter(_ reason: String) -> Self {
        Self(status: .badRequest, code: "BadParameter", reason: reason)
    }

    static func keyNotFound(_ name: String) -> Self {
        Self(
            status: .notFound,
            code: "KeyNotFound",
            reason: "A key with (name/id) \(name.printable) was not found in this key vault."
        )
    }
}
