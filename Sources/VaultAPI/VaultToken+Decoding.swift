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
        let text = Self.withoutSurroundings(String(decoding: body, as: UTF8.self))
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

    private static func withoutSurroundings(_ text: String) -> String {
        // Foundation takes longer to look for them than for all else here, and most answers have none.
        let ends = [text.utf8.first, text.utf8.last].compactMap { $0 }
        guard !ends.allSatisfy({ (0x21...0x7E).contains($0) }) else { return text }
        return text.trimmingCharacters(in: Self.surroundings)
    }

    /// White space, and the byte order mark that .NET may put first.
    private static let surroundings = CharacterSet.whitespacesAndNewlines.union(["\u{FEFF}"])
}
