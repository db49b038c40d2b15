package import Foundation

extension VaultToken {
    /// Why a successful answer gave no token.
    package enum DecodingFailure: Error {
        /// The answer says what is wrong: the vault has the token, but nobody is logged in behind it.
        case status(VaultAnswer.Problem)
        case unreadable
    }

    /// Reads any of the forms in which the service has sent a token with status 200.
    ///
    /// Names are read whatever their case: a POST was answered in Pascal case, a GET in camel case. `ExpiresIn` is read
    /// beside the value and inside it. A body that is no JSON is the bare token of the `/accesstoken` form, unless its
    /// content type or the text itself says that it is something else.
    package init(answer body: Data, contentType: String? = nil) throws(DecodingFailure) {
        let text = String(decoding: body, as: UTF8.self).trimmingCharacters(in: Self.surroundings)
        switch text.first {
        case "{":
            // Whatever the content type: some servers send JSON as HTML.
            guard let answer = try? JSONDecoder().decode(VaultAnswer.self, from: Data(text.utf8)) else {
                throw .unreadable
            }
            guard let accessToken = answer.accessToken, TokenText.mayBeToken(accessToken) else {
                guard let problem = answer.problem else { throw .unreadable }
                throw .status(problem)
            }
            self.init(accessToken: accessToken, expiry: answer.expiry, details: answer.details)
        case "\"":
            guard
                TokenText.mayBeToken(contentType: contentType),
                let token = try? JSONDecoder().decode(String.self, from: Data(text.utf8)),
                TokenText.mayBeBareToken(token)
            else {
                throw .unreadable
            }
            self.init(accessToken: token)
        default:
            guard TokenText.mayBeToken(contentType: contentType), TokenText.mayBeBareToken(text) else {
                throw .unreadable
            }
            self.init(accessToken: text)
        }
    }

    /// White space, and the byte order mark that .NET may put first.
    private static let surroundings = CharacterSet.whitespacesAndNewlines.union(["\u{FEFF}"])
}
