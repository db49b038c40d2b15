import Foundation
import TestSupport

/// A vault with a service at a real OAuth server, and a program that may use both.
struct OAuthLab: Sendable {
    /// What the vault said of a token.
    struct Reading: Sendable, Equatable {
        var status = 0
        var accessToken: String?
        var expiresIn: Int?
        var state = ""
        var code: String?
        var text = ""

        init(json text: String) {
            let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let value = object?["value"] as? [String: Any]
            let status = object?["status"] as? [String: Any]
            let error = (status ?? object)?["error"] as? [String: Any]
            self.accessToken = value?["accessToken"] as? String
            self.expiresIn = value?["expiresIn"] as? Int
            self.state = status?["state"] as? String ?? ""
            self.code = error?["code"] as? String
            self.text = text
        }
    }

    let stack: Stack
    let server: OAuthServer
    let authorization: String

    private func ask(_ method: String, _ path: String, body: [String: String]? = nil) async throws -> Browser.Page {
        try await Browser.get(
            self.stack.vaultURL + path,
            method: method,
            headers: ["Authorization": self.authorization, "Content-Type": "application/json"],
            body: try body.map { try JSONSerialization.data(withJSONObject: $0) }
        )
    }

    /// Makes a token, and gives the address to log in at.
    func makeToken(_ name: String, of service: String = "files") async throws -> String {
        let page = try await self.ask("PUT", "/services/\(service)/tokens/\(name)", body: ["displayName": name])
        let object = try JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any]
        guard let uri = object?["loginUri"] as? String else { throw ChildProcess.Failure(description: page.text) }
        return "\(uri)?PostLoginRedirectUrl=\(self.returnURL)"
    }

    var returnURL: String { self.stack.pageURL + "/after-login" }

    func read(_ name: String) async throws -> Reading {
        let page = try await self.ask("GET", "/services/files/tokens/\(name)")
        var reading = Reading(json: page.text)
        reading.status = page.status
        return reading
    }

    /// Reads a token and uses it, once more if a renewal came between: some servers end the old one with that.
    func readAndUse(_ name: String) async throws -> (reading: Reading, works: Bool) {
        let first = try await self.read(name)
        guard let token = first.accessToken else { return (first, false) }
        if try await self.server.takes(token) { return (first, true) }
        let second = try await self.read(name)
        guard let next = second.accessToken, next != token else { return (second, false) }
        return (second, try await self.server.takes(next))
    }

    func save(_ name: String, of service: String = "files", code: String) async throws -> Browser.Page {
        try await self.ask("POST", "/services/\(service)/tokens/\(name)/save", body: ["code": code])
    }

    func delete(_ name: String) async throws -> Int {
        try await self.ask("DELETE", "/services/files/tokens/\(name)").status
    }

    /// Many programs at one moment, whose requests all are on their way before the vault sees the first.
    func crowd(_ count: Int, reading name: String) async throws -> [Crowd.Visit] {
        let vault = try self.stack.process("vault")
        vault.signal(SIGSTOP)
        return try await Crowd.visit(
            port: self.stack.vaultPort,
            count: count,
            path: "/services/files/tokens/\(name)",
            headers: ["Authorization: \(self.authorization)"],
            whenSent: { vault.signal(SIGCONT) }
        )
    }
}
