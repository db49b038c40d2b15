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
    /// beside the value and inside it. A body that is no JSON is the bare token of the `/accesstoken` form.
    package init(answer body: Data) throws(DecodingFailure) {
        let text = String(decoding: body, as: UTF8.self).trimmingCharacters(in: Self.surroundings)
        switch text.first {
        case "{":
            guard let answer = try? JSONDecoder().decode(VaultAnswer.self, from: Data(text.utf8)) else {
                throw .unreadable
            }
            guard let accessToken = answer.accessToken, Self.isToken(accessToken) else {
                guard let problem = answer.problem else { throw .unreadable }
                throw .status(problem)
            }
            self.init(accessToken: accessToken, expiry: answer.expiry)
        case "\"":
            guard let token = try? JSONDecoder().decode(String.self, from: Data(text.utf8)), Self.isToken(token) else {
                throw .unreadable
            }
            self.init(accessToken: token)
        default:
            // JSON that says nothing is no token either.
            guard Self.isToken(text), !text.hasPrefix("["), text != "null" else { throw .unreadable }
            self.init(accessToken: text)
        }
    }

    /// White space, and the byte order mark that .NET may put first.
    private static let surroundings = CharacterSet.whitespacesAndNewlines.union(["\u{FEFF}"])

    /// Visible ASCII without spaces (RFC 6749 appendix A.12), and no markup.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("<") && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
