import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import TokenPage

/// A browser that keeps its cookie, and goes where it is sent.
struct PlayedBrowser {
    let visit: PageVisit
    var cookie: String?
    /// Whom the web server names.
    var user: String?

    init(_ visit: PageVisit, user: String? = nil) {
        self.visit = visit
        self.user = user
    }

    @discardableResult
    mutating func get(_ path: String, headers: [String: String] = [:], accept: String? = nil) async throws
        -> PageVisit.Answer
    {
        try await self.send(.get, path, headers: headers, accept: accept)
    }

    mutating func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: [String: String] = [:],
        body: String = "",
        accept: String? = nil
    ) async throws -> PageVisit.Answer {
        var headers = headers
        if let cookie { headers["Cookie"] = cookie }
        let answer = try await self.visit.get(
            path,
            method: method,
            accept: accept,
            headers: headers,
            body: body,
            variables: self.user.map { [("TOKEN_PAGE_USER", $0)] } ?? []
        )
        if let set = answer.headers[.setCookie] { self.cookie = String(set.prefix { $0 != ";" }) }
        return answer
    }

    /// Follows the link, and returns where the vault is to send the browser back to, without doing so.
    mutating func beginLogin(_ vault: PlayedVault, as person: String) async throws -> String {
        let answer = try await self.get("/login")
        try #require(answer.status == 303)
        let callback = try vault.logIn(at: answer.headers[.location] ?? "", as: person)
        let prefix = "http://localhost"
        try #require(callback.hasPrefix(prefix + "/callback?"))
        return String(callback.dropFirst(prefix.count))
    }

    mutating func logIn(_ vault: PlayedVault, as person: String) async throws -> PageVisit.Answer {
        try await self.get(try await self.beginLogin(vault, as: person))
    }

    /// What the page shows as its token.
    mutating func token() async throws -> String? {
        let answer = try await self.get("/", accept: "application/json")
        let page = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        return page?["token"] as? String
    }
}
