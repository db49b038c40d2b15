package import Foundation
package import OAuthWire
package import TokenTransport

/// What an answer of a token endpoint means, by the rules of the provider's row.
package enum TokenAnswer: Sendable {
    case tokens(IssuedTokens)
    case refused(ProviderRefusal)
    /// Neither tokens nor a refusal: a page of a proxy, a broken answer. Tokens may have been issued.
    case unreadable(status: Int)
}

extension OAuthClient {
    /// Reads an answer of the token endpoint.
    ///
    /// The secrets are what was sent, in case that the provider repeats it in its complaint.
    package func answer(
        _ response: TransportResponse,
        without secrets: [Secret] = [],
        receivedAt now: Date
    ) -> TokenAnswer {
        let rules = self.provider.answer
        guard let document = AnswerDocument(response) else { return .unreadable(status: response.status) }
        let isGood = rules.statuses.contains(response.status)
        let isOK = rules.okField.map { document.value[path: $0] != .bool(false) } ?? true
        if isGood, isOK {
            let places = rules.paths.lazy.compactMap { $0 == "." ? document.value : document.value[path: $0] }
            if var tokens = places.compactMap({ self.tokens(in: $0, receivedAt: now) }).first {
                for path in self.provider.keptFromAnswer {
                    tokens.kept[path] = document.value[path: path]?.text
                }
                tokens.account = AccountIdentity(document.value, paths: self.provider.identity.answer)
                return .tokens(tokens)
            }
        }
        guard let refusal = self.refusal(in: document.value, status: response.status, without: secrets) else {
            return .unreadable(status: response.status)
        }
        return .refused(refusal)
    }

    private func refusal(in value: JSONValue, status: Int, without secrets: [Secret]) -> ProviderRefusal? {
        let rules = self.provider.answer
        // Some wrap the error into an object of its own.
        let nested = value[path: "error"]?.object == nil ? nil : value[path: "error"]
        let code =
            value[path: rules.error]?.text
            ?? nested.flatMap { $0[path: "code"]?.text ?? $0[path: "type"]?.text }
            ?? (status >= 400 ? value[path: "error_code"]?.text ?? value[path: "code"]?.text : nil)
        guard let code, !code.isEmpty, code != "0" else { return nil }
        let text =
            value[path: rules.errorDescription]?.text ?? nested?[path: "message"]?.text
            ?? value[path: "message"]?.text ?? ""
        return ProviderRefusal(
            code: rules.errorCodes[code] ?? String(ProviderText.line(code, without: secrets).prefix(64)),
            text: ProviderText.line(text, without: secrets + self.secrets),
            status: status
        )
    }

    private func tokens(in value: JSONValue, receivedAt now: Date) -> IssuedTokens? {
        let fields = IssuedFields(value, rename: self.provider.answer.rename)
        guard
            let accessToken = fields.text("access_token"), Self.isToken(accessToken)
        else { return nil }
        let lifetime = TokenLifetime(rules: self.provider.lifetime)
        var tokens = IssuedTokens(accessToken: Secret(accessToken))
        tokens.refreshToken = fields.text("refresh_token").flatMap { Self.isToken($0) ? Secret($0) : nil }
        tokens.idToken = fields.text("id_token").map(Secret.init)
        tokens.expiresOn = lifetime.expiry(fields, receivedAt: now)
        tokens.refreshExpiresOn = lifetime.refreshExpiry(
            fields,
            hardLimit: self.provider.rotation.hardLimit,
            receivedAt: now
        )
        tokens.scopes = fields.scopes(separator: self.provider.scope.separator)
        return tokens
    }

    /// What may stand in an `Authorization` header.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.count <= 65_536 && TokenSyntax.isToken(text)
    }
}
