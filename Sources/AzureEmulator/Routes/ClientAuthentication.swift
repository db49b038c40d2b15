import Foundation
import HTTPTypes
import Hummingbird

/// How an application proves itself at the token endpoint (RFC 6749 section 2.3.1, RFC 7521 section 4.2).
struct ClientAuthentication: Sendable {
    enum Proof: Sendable {
        case secret(Secret)
        /// A signed statement, still to be verified.
        case assertion(Secret)
    }

    private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let clientID: String
    let proof: Proof

    /// Takes them from the header or from the form.
    ///
    /// - Throws: ``EntraError`` when one is missing, or when both places are used at once.
    init(request: Request, form: RequestParameters) throws {
        if let header = request.headers[.authorization] {
            guard form["client_secret"] == nil, form["client_assertion"] == nil else {
                throw EntraError.malformed("The client proves itself in the header and in the body; use one of them.")
            }
            guard let (clientID, secret) = Self.basic(header) else {
                throw EntraError.malformed("The header Authorization is not Basic with a client id and a secret.")
            }
            guard form["client_id"].map({ $0 == clientID }) ?? true else {
                throw EntraError.malformed("The client id in the header is not the one in the body.")
            }
            self.clientID = clientID
            self.proof = .secret(Secret(value: secret))
            return
        }
        guard let clientID = form["client_id"] else {
            throw EntraError.missing("client_id")
        }
        self.clientID = clientID
        switch (form["client_secret"], form["client_assertion"]) {
        case (nil, nil):
            throw EntraError.missingProof
        case (.some, .some):
            throw EntraError.malformed("The client sends a secret and an assertion; use one of them.")
        case (let secret?, nil):
            self.proof = .secret(Secret(value: secret))
        case (nil, let assertion?):
            guard let type = form["client_assertion_type"] else { throw EntraError.missing("client_assertion_type") }
            guard type == Self.assertionType else {
                throw EntraError.malformed("The type of the client assertion is not \(Self.assertionType).")
            }
            self.proof = .assertion(Secret(value: assertion))
        }
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
