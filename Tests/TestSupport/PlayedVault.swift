import Foundation
package import TokenTransport

/// A vault at which people log in at once, as strict about codes as the real one.
package final class PlayedVault: Sendable {
    package struct State {
        package var tokens: Set<String> = []
        /// What a code of a login is for, until it is redeemed.
        var codes: [String: (path: String, accessToken: String)] = [:]
        var accessTokens: [String: String] = [:]
        /// What the next call is answered with in the place of the vault's own answer.
        var refusals: [TransportResponse] = []
        var count = 0
    }

    package static let site = "https://name.westcentralus.tokenvault.azure.net"
    package let state = Box(State())

    package init() {}

    /// Plays the person at the provider: takes where the page sends the browser, and says where that comes back to.
    package func logIn(at location: String, as person: String) throws -> String {
        guard
            let address = URLComponents(string: location), location.hasPrefix(Self.site),
            let back = address.queryItems?.first(where: { $0.name == "PostLoginRedirectUrl" })?.value
        else { throw TransportError(.other, "no login begins at \(location)") }
        let code = self.state.withLock { state in
            state.count += 1
            let code = "code-\(state.count)"
            state.codes[code] = (
                String(address.path.dropLast("/login".count)), "token-of-\(person)-\(state.count)"
            )
            return code
        }
        return "\(back)&code=\(code)"
    }

    package func refuseOnce(_ status: Int, _ code: String, _ message: String = "no") {
        let answer = TransportResponse.text(status, #"{"error":{"code":"\#(code)","message":"\#(message)"}}"#)
        self.state.withLock { $0.refusals.append(answer) }
    }

    package func answer(_ request: TransportRequest) -> TransportResponse {
        let path = request.url.path()
        let body = request.body.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
        return self.state.withLock { state in
            if !state.refusals.isEmpty { return state.refusals.removeFirst() }
            switch (request.method, path.hasSuffix("/save")) {
            case (.put, _):
                state.tokens.insert(path)
                return .text(201, #"{"name":"x","loginUri":"\#(Self.site)\#(path)/login","value":null}"#)
            case (.delete, _):
                state.accessTokens[path] = nil
                return state.tokens.remove(path) == nil
                    ? .text(404, #"{"error":{"code":"NotFound"}}"#) : .text(200, "")
            case (_, true):
                let token = String(path.dropLast("/save".count))
                guard let code = body["code"], let saved = state.codes[code], saved.path == token else {
                    return .text(400, #"{"error":{"code":"InvalidRequest","message":"no such code"}}"#)
                }
                state.codes[code] = nil
                state.accessTokens[token] = saved.accessToken
                return .vault(token: saved.accessToken)
            default:
                guard state.tokens.contains(path) else { return .text(404, #"{"error":{"code":"NotFound"}}"#) }
                return state.accessTokens[path].map { .vault(token: $0) }
                    ?? .text(
                        400,
                        #"{"error":{"code":"Unauthenticated","message":"This connection is not authenticated."}}"#
                    )
            }
        }
    }
}

extension TransportResponse {
    /// What a vault answers that hands out a token.
    package static func vault(token: String) -> TransportResponse {
        .text(200, #"{"Parameters":{},"Value":{"AccessToken":"\#(token)"},"ExpiresIn":3600}"#)
    }

    /// An answer in JSON.
    package static func text(_ status: Int, _ body: String) -> TransportResponse {
        TransportResponse(status: status, headers: [("Content-Type", "application/json")], body: Data(body.utf8))
    }
}
