import Foundation
import TestSupport

/// A server of Tests/OAuthServers that runs, with one client and one person of its own.
final class OAuthServer: Sendable {
    /// What its own database says of refresh tokens.
    struct Report: Decodable {
        let issued: Int
        /// Those that it would still take.
        let live: Int
        let grants: Int
    }

    let kind: OAuthServerKind
    let directory: URL
    let port: Int
    let clientID = "vault-\(UUID().uuidString.prefix(8))"
    let clientSecret = UUID().uuidString
    let user = "ada"
    let password = UUID().uuidString
    private let process = Box<ChildProcess?>(nil)

    init(_ kind: OAuthServerKind, directory: URL) throws {
        self.kind = kind
        self.directory = directory
        self.port = try FreePorts.three().0
    }

    var url: String { "http://127.0.0.1:\(self.port)" }

    /// Writes down what it is to know.
    func register(redirectURI: String, lifetime: Int, settings: [String: Double] = [:]) throws {
        var registration: [String: Any] = [
            "port": self.port, "client_id": self.clientID, "client_secret": self.clientSecret,
            "redirect_uri": redirectURI, "user": self.user, "password": self.password, "lifetime": lifetime,
        ]
        registration.merge(self.kind.settings.merging(settings) { $1 }) { $1 }
        try JSONSerialization.data(withJSONObject: registration)
            .write(to: self.directory.appending(path: "registration.json"))
    }

    func start() async throws {
        let python = Checkout.root.appending(path: ".build/oauth-servers/bin/python").path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw ChildProcess.Failure(description: "The OAuth servers are missing: run scripts/prepare-oauth-servers.")
        }
        let script = Checkout.root.appending(path: "Tests/OAuthServers/server.py").path(percentEncoded: false)
        let process = try ChildProcess(
            python,
            ["-B", script, self.kind.program, self.directory.path(percentEncoded: false)],
            environment: ["PATH": "/usr/bin:/bin", "HOME": self.directory.path(percentEncoded: false)],
            log: self.directory.appending(path: "server.log")
        )
        self.process.withLock { $0 = process }
        guard try await eventually(within: .seconds(120), { (try? await self.report()) != nil || !process.isRunning }),
            process.isRunning
        else { throw ChildProcess.Failure(description: "\(self.kind) did not start: \(process.logText)") }
    }

    func stop() async {
        await self.process.value?.stop()
    }

    func report() async throws -> Report {
        let page = try await Browser.get(self.url + "/report")
        return try JSONDecoder().decode(Report.self, from: Data(page.text.utf8))
    }

    /// Lines of its access log: method, path, grant type, status.
    var requests: [String] {
        let log = try? String(contentsOf: self.directory.appending(path: "access.log"), encoding: .utf8)
        return (log ?? "").split(separator: "\n").map(String.init)
    }

    /// The statuses of its answers to renewals.
    var renewals: [String] {
        let beginning = "POST \(self.kind.tokenPath) refresh_token "
        return self.requests.filter { $0.hasPrefix(beginning) }.map { String($0.dropFirst(beginning.count)) }
    }

    /// Whether a program that shows it a token is served.
    func takes(_ token: String) async throws -> Bool {
        let page = try await Browser.get(
            self.url + self.kind.resourcePath,
            headers: ["Authorization": "Bearer \(token)"]
        )
        // One server says 401 of a token that it does not know, another 403.
        guard [200, 401, 403].contains(page.status) else { throw ChildProcess.Failure(description: page.text) }
        return page.status == 200
    }
}
