import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import OAuthWire

/// The provider's front: where a browser comes from a client, and goes back to it (RFC 6749 section 4.1).
struct AuthorizeRoutes: Sendable {
    let provider: OAuthProvider

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/oauth/authorize") { request, _ in self.show(request) }
        router.post("/oauth/authorize") { request, _ in try await self.decide(request) }
    }

    private func show(_ request: Request) -> Response {
        let parameters: RequestParameters
        do {
            parameters = try RequestParameters(request.uri.query ?? "")
        } catch {
            return AuthorizePage.refusal(error.message)
        }
        // Until these two are known to be right, nobody is sent anywhere (section 4.1.2.1).
        guard let clientID = parameters["client_id"], clientID == OAuthSettings.clientID else {
            return AuthorizePage.refusal("The client_id is not known: it is \(OAuthSettings.clientID) here.")
        }
        guard let redirectURI = parameters["redirect_uri"], self.provider.settings.allows(redirectURI: redirectURI)
        else {
            return AuthorizePage.refusal("The redirect_uri is missing, or not one of this client.")
        }
        let back = { (error: String, reason: String) in
            self.back(
                to: redirectURI,
                ["error": error, "error_description": reason],
                state: parameters["state"]
            )
        }
        guard parameters["response_type"] == "code" else {
            return back("unsupported_response_type", "The response_type is not code.")
        }
        guard parameters["code_challenge_method"] == "S256", let challenge = parameters["code_challenge"] else {
            return back("invalid_request", "PKCE is needed here: a code_challenge with the method S256.")
        }
        let isChallenge = challenge.utf8.count == 43 && Base64URL.decodeAnyAlphabet(challenge)?.count == 32
        guard isChallenge else {
            return back("invalid_request", "The code_challenge is not the SHA-256 of a code_verifier.")
        }
        let authorization = AuthorizationRequest(
            clientID: clientID,
            redirectURI: redirectURI,
            scope: parameters["scope"] ?? "",
            state: parameters["state"],
            codeChallenge: challenge
        )
        return AuthorizePage.consent(to: authorization, name: self.provider.begin(authorization))
    }

    private func decide(_ request: Request) async throws -> Response {
        let form: RequestParameters
        do {
            form = try RequestParameters(String(buffer: try await request.body.collect(upTo: 16 * 1024)))
        } catch let error as RequestParameters.Malformed {
            return AuthorizePage.refusal(error.message)
        }
        guard let authorization = form["request"].flatMap(self.provider.take) else {
            return AuthorizePage.refusal("This page was answered already, or is too old. Begin again at the client.")
        }
        guard form["decision"] == "allow" else {
            return self.back(
                to: authorization.redirectURI,
                ["error": "access_denied", "error_description": "The person said no."],
                state: authorization.state
            )
        }
        guard let person = Person.all.first(where: { $0.loginName == form["person"] }) else {
            return AuthorizePage.refusal("There is no such person.")
        }
        return self.back(
            to: authorization.redirectURI,
            ["code": self.provider.consent(to: authorization, by: person)],
            state: authorization.state
        )
    }

    /// 303, so that a form that was posted here is not posted there (RFC 9700 section 4.12), and `iss` (RFC 9207).
    private func back(to redirectURI: String, _ answer: [String: String], state: String?) -> Response {
        var parameters = answer.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if let state {
            parameters.append(("state", state))
        }
        parameters.append(("iss", self.provider.issuer))
        let query = parameters.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
        var headers = HTTPFields()
        headers[.location] = redirectURI + (redirectURI.contains("?") ? "&" : "?") + query
        headers[.cacheControl] = "no-store"
        if let name = HTTPField.Name("Referrer-Policy") {
            headers[name] = "no-referrer"
        }
        return Response(status: .seeOther, headers: headers)
    }

    private static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
