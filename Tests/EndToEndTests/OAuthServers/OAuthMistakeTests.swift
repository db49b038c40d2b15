import Foundation
import TestSupport
import Testing

extension OAuthServerTests {
    /// What goes wrong at real servers, and what a person or a program hears of it.
    @Suite(.serialized) struct Trouble {
        /// A mistake of whoever set the service up: the row's columns that hold it, and what comes back to the application.
        private struct Mistake {
            let name: String
            let columns: String
            var secret: String?
            let error: String
            let text: String
        }

        private static let mistakes = [
            Mistake(
                name: "no-challenge",
                columns: #""pkce": false"#,
                error: "invalid_request",
                text: "Code challenge required."
            ),
            Mistake(
                name: "other-scope",
                columns: #""scopes": ["write"]"#,
                error: "invalid_scope",
                text: ""
            ),
            // Django shows a page in HTML to whoever asks for it by a name that it does not have.
            Mistake(
                name: "other-name",
                columns: #""tokenUrl": "http://localhost:PORT/o/token/""#,
                error: "server_error",
                text: "The provider's answer cannot be read (status 400)."
            ),
            Mistake(
                name: "other-secret",
                columns: #""scopes": ["read"]"#,
                secret: "not-the-secret",
                error: "invalid_client",
                text: ""
            ),
        ]

        @Test func whatIsSetUpWrongIsSaidInWords() async throws {
            let variants = Dictionary(uniqueKeysWithValues: Self.mistakes.map { ($0.name, $0.columns) })
            try await OAuthLab.with(.djangoStrict, OAuthLab.Options(variants: variants)) { lab in
                var logins: [String: String] = [:]
                for mistake in Self.mistakes {
                    try await lab.setService(mistake.name, provider: mistake.name, secret: mistake.secret)
                    logins[mistake.name] = try await lab.makeToken("ada", of: mistake.name)
                }
                let good = try await lab.makeToken("ada")
                let returns = try await Chromium.with { [logins] chromium in
                    try lab.enter(chromium, address: good)
                    try lab.answer(chromium, lab.server.kind.allow)
                    var returns = ["files": try lab.comeBack(chromium)]
                    // Logged in at the server, a person is only asked again, if the server asks at all.
                    for (name, login) in logins {
                        try chromium.open(login)
                        if try chromium.evaluate("!!document.querySelector('input[name=allow]')") as? Bool == true {
                            try lab.answer(chromium, lab.server.kind.allow)
                        }
                        returns[name] = try lab.comeBack(chromium)
                    }
                    return returns
                }
                #expect(returns["files"]?["code"] != nil)
                for mistake in Self.mistakes {
                    #expect(returns[mistake.name]?["error"] == mistake.error, "\(mistake.name)")
                    #expect(returns[mistake.name]?["error_description"] == mistake.text, "\(mistake.name)")
                    #expect(returns[mistake.name]?["code"] == nil, "\(mistake.name)")
                }
            }
        }

        @Test func anAnswerOfAnotherIssuerIsRefused() async throws {
            let variants = ["other-issuer": #""issuer": "BASE/other""#]
            try await OAuthLab.with(.authlib, OAuthLab.Options(variants: variants)) { lab in
                try await lab.setService("other", provider: "other-issuer")
                let back = try await lab.logIn(at: lab.makeToken("ada", of: "other"))
                #expect(back["error"] == "issuer_mismatch")
                // The code was not even shown to the token endpoint.
                #expect(!lab.server.requests.contains { $0.hasPrefix("POST /token") })
            }
        }
    }
}
