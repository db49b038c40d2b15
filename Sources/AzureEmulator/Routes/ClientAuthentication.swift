import Foundation
import HTTPTypes
import Hummingbird

/// How an application proves itself at the token endpoint (RFC 6749 section 2.3.1).
struct ClientAuthentication: Sendable {
    let clientID: String
    let secret: Secret

    /// Takes them from the header or from the form.
    ///
    /// - Throws: ``EntraRefusal`` when one is missing, or when both places are used at once.
    init(request: Request, form: RequestParameters) throws {
        if let header = request.headers[.authorization] {
            guard form["client_secret"] == nil, form["client_assertion"] == nil else {
                throw EntraRefusal.malformed("The client proves itself in the header and in the body; use one of them.")
            }
            guard let (clientID, secret) = Self.basic(header) else {
                throw EntraRefusal.malformed("The header Authorization is not Basic with a client id and a secret.")
            }
            guard form["client_id"].map({ $0 == clientID }) ?? true else {
                throw EntraRefusal.malformed("The client id in the header is not the one in the body.")
            }
            self.clientID = clientID
            self.secret = Secret(value: secret)
            return
        }
        guard let clientID = form["client_id"] else {
            throw EntraRefusal.missing("client_id")
        }
        guard form["client_assertion"] == nil else {
            throw EntraRefusal.assertionUnsupported
        }
        guard let secret = form["client_secret"] else {
            throw EntraRefusal.missingSecret
        }
        self.clientID = clientID
        self.secret = Secret(value: secret)
    }

    /// Both parts are form-encoded before they are joined, so that either may hold a colon.
    private static func basic(_ header: String) -> (String, String)? {
        let words = header.split(separator: " ")
        guard
            words.count == 2, words[0].lowercased() == "basic",
            let data = Data(base64Encoded: String(words[1])),
            let text = String(data: data, encoding: .utf8),
            let colon = text.firstIndex(of: ":"),
            let clientID = RequestParameters.decode(text[..<colon]), !clientID.isEmpty,
            let secret = RequestParameters.decode(text[text.index(after: colon)...]), !secret.isEmpty
        else {
            return nil
        }
        return (clientID, secret)
    }
}
