import Foundation

extension VaultLane {
    /// A token as an application sees it.
    struct Look: Sendable {
        /// `Ok`, or the reason for `Error`.
        let state: String
        /// Nil when nothing is handed out.
        let accessToken: String?
    }

    private struct Resource: Decodable {
        struct Value: Decodable { let accessToken: String }
        struct Status: Decodable {
            struct Problem: Decodable { let code: String }
            let state: String
            let error: Problem?
        }
        let value: Value?
        let status: Status
    }

    func path(ofToken token: String) -> String { "/services/\(Self.service)/tokens/\(token)" }

    /// What there is to know of a token.
    func look(at token: String, at index: Int = 0) async throws -> Look {
        let reply = await self.send("GET", self.path(ofToken: token), to: index)
        guard reply.status == 200 else {
            throw ChildProcess.Failure(description: "GET \(token): \(reply.status) \(reply.body)")
        }
        let resource = try JSONDecoder().decode(Resource.self, from: Data(reply.body.utf8))
        return Look(
            state: resource.status.error?.code ?? resource.status.state,
            accessToken: resource.value?.accessToken
        )
    }

    /// Asks for the access token and nothing else.
    func read(_ token: String, from index: Int = 0) async -> PlainRequest.Reply {
        await self.send("POST", self.path(ofToken: token) + "/accesstoken", body: "{}", to: index)
    }

    /// The same of whichever vault's turn it is.
    func readBalanced(_ token: String) async -> PlainRequest.Reply {
        await self.read(token, from: self.ports.count - 1)
    }

    // MARK: Logins

    /// A browser that has been sent to the provider.
    struct Visitor: Sendable {
        let state: String
        let cookie: String
    }

    func makeToken(_ token: String) async throws {
        let made = await self.send("PUT", self.path(ofToken: token), body: "{}")
        guard [200, 201].contains(made.status) else {
            throw ChildProcess.Failure(description: "PUT \(token): \(made.status) \(made.body)")
        }
    }

    func beginLogin(of token: String) async throws -> Visitor {
        let path = self.path(ofToken: token) + "/login?PostLoginRedirectUrl=http%3A%2F%2Flocalhost%3A9%2F"
        let begun = await self.send("GET", path)
        guard let state = begun.parameter("state"),
            let cookie = begun.headers["set-cookie"]?.prefix(while: { $0 != ";" })
        else { throw ChildProcess.Failure(description: "login of \(token): \(begun.status) \(begun.body)") }
        return Visitor(state: state, cookie: String(cookie))
    }

    /// The browser comes back with a code of the provider's.
    func comeBack(_ visitor: Visitor, code: String) async -> PlainRequest.Reply {
        await self.send("GET", "/redirect?state=\(visitor.state)&code=\(code)", headers: ["Cookie": visitor.cookie])
    }

    func save(_ token: String, code: String) async -> PlainRequest.Reply {
        await self.send("POST", self.path(ofToken: token) + "/save", body: "{\"code\":\"\(code)\"}")
    }

    /// Logs somebody in, for an access token that lives that long; those that come after it live as long as is said then, and the
    /// others for an hour.
    func logIn(_ token: String, lifetime: Int, then next: [Int] = [], code: Int = 1) async throws {
        try await self.makeToken(token)
        let visitor = try await self.beginLogin(of: token)
        self.provider.change { $0.ledger.lifetimes = [lifetime] + next }
        let back = await self.comeBack(visitor, code: "\(token).\(code)")
        let saved = await self.save(token, code: back.parameter("code") ?? "")
        guard saved.status == 200 else {
            throw ChildProcess.Failure(description: "save of \(token): \(saved.status) \(saved.body) \(back.headers)")
        }
    }
}
