import Foundation
import TestSupport

/// A vault with a service at a real OAuth server, and a program that may use both.
struct OAuthLab: Sendable {
    struct Options: Sendable {
        /// How many seconds an access token lives.
        var lifetime = 6
        /// What registration.json says beyond that.
        var settings: [String: Double] = [:]
        /// Between vault and server: nginx, which gives the server this many seconds to answer.
        var gatewaySeconds: Int?
    }

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
    private let authorization: String

    /// Starts all of it, runs the body, and ends everything whatever happens.
    static func with(
        _ kind: OAuthServerKind,
        _ options: Options = Options(),
        _ body: (OAuthLab) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "oauth-\(UUID().uuidString.prefix(8))")
        let rows = directory.appending(path: "providers")
        try FileManager.default.createDirectory(at: rows, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = try OAuthServer(kind, directory: directory)
        let gateway = try FreePorts.three().0
        var row = kind.row(at: server.url)
        if options.gatewaySeconds != nil {
            row = row.replacingOccurrences(
                of: "\(server.url)\(kind.tokenPath)",
                with: "http://127.0.0.1:\(gateway)\(kind.tokenPath)"
            )
        }
        try Data(row.utf8).write(to: rows.appending(path: "lab.json"))
        try Data("127.0.0.1\n".utf8).write(to: directory.appending(path: "addresses"))
        var stackOptions = Stack.Options(grantsAccess: false)
        stackOptions.vaultEnvironment = [
            "TOKEN_VAULT_PROVIDERS": rows.path(percentEncoded: false),
            "TOKEN_VAULT_ALLOWED_ADDRESSES": directory.appending(path: "addresses").path(percentEncoded: false),
        ]
        if let seconds = options.gatewaySeconds {
            stackOptions.nginxExtra = """
                server {
                    listen 127.0.0.1:\(gateway);
                    location / { proxy_pass \(server.url); proxy_read_timeout \(seconds)s; }
                }
                """
        }
        try await Stack.with(stackOptions) { stack in
            try server.register(
                redirectURI: stack.vaultURL + "/redirect",
                lifetime: options.lifetime,
                settings: options.settings
            )
            try Data("\(server.clientSecret)\n".utf8).write(to: directory.appending(path: "secret"))
            try await stack.vault(
                [
                    "service", "set", "files", "--provider", "lab", "--client-id", server.clientID, "--return-url",
                    stack.pageURL + "/",
                ],
                input: directory.appending(path: "secret").path(percentEncoded: false)
            )
            try await stack.vault(
                [
                    "policy", "grant", "--tenant", stack.tenantID, "--object", stack.objectID, "--permissions",
                    "Get,List,CreateOrUpdate,Delete",
                ]
            )
            do {
                try await server.start()
                try await body(
                    OAuthLab(stack: stack, server: server, authorization: "Bearer \(try await stack.bearer())")
                )
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    // MARK: What the program does

    private func ask(_ method: String, _ path: String, body: [String: String]? = nil) async throws -> Browser.Page {
        try await Browser.get(
            self.stack.vaultURL + path,
            method: method,
            headers: ["Authorization": self.authorization, "Content-Type": "application/json"],
            body: try body.map { try JSONSerialization.data(withJSONObject: $0) }
        )
    }

    /// Makes a token, and gives the address to log in at.
    func makeToken(_ name: String) async throws -> String {
        let page = try await self.ask("PUT", "/services/files/tokens/\(name)", body: ["displayName": name])
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

    func save(_ name: String, code: String) async throws -> Browser.Page {
        try await self.ask("POST", "/services/files/tokens/\(name)/save", body: ["code": code])
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
