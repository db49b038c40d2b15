import Foundation
import TestSupport
import Testing

/// A real web server with the site that this project has for it, on loopback, without TLS unless a test wants it.
struct WebServer: Sendable {
    enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case nginx
        case nginxKept = "nginx, which keeps connections"
        case fcgiwrap = "nginx and fcgiwrap"
        case apache = "Apache"
        case apacheCGI = "Apache and mod_cgid"
        case lighttpd
        case lighttpdCGI = "lighttpd and mod_cgi"
        case haproxy = "HAProxy"

        /// Those that ask a page which runs.
        static let fastCGI: [Kind] = [.nginx, .nginxKept, .apache, .lighttpd, .haproxy]

        var testDescription: String { self.rawValue }
    }

    /// What stands behind the server, and who may see it.
    struct BackEnd: Sendable {
        /// Where the page listens.
        var socket: String
        /// The settings of a page that is started for each request.
        var environment: [String: String] = [:]
        /// What the site says to the page.
        var secret: String?
        /// The site with TLS, as it is shipped.
        var isSecure = false
        /// The path under which the page is; nil for all of the site.
        var prefix: String?
        /// The site as it is shipped, which is closed.
        var isClosed = false
        /// In the place of `deny all` in nginx's site.
        var nginxAccess: String?
        /// In the place of `Require all denied` in Apache's.
        var apacheAccess: String?
        /// Lines `user NAME password HASH` of HAProxy's, who may then see the page.
        var haproxyUsers: [String] = []
        /// The file of passwords that nginx's snippet names.
        var htpasswd = "/nonexistent"
        /// Where nginx finds a login proxy.
        var loginProxyPort = 1
    }

    let kind: Kind
    let directory: URL
    /// Of the site.
    let port: Int
    /// Of the site that redirects to it.
    let plainPort: Int
    let backEnd: BackEnd

    static let name = "token-page.example.com"

    func path(_ name: String) -> String {
        self.directory.appending(path: name).path(percentEncoded: false)
    }

    var log: String {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: self.path(""))) ?? []
        return names.filter { $0.hasPrefix("log") }
            .compactMap { try? String(contentsOfFile: self.path($0), encoding: .utf8) }
            .joined(separator: "\n")
    }

    /// Runs the body while the server runs.
    static func with(
        _ kind: Kind,
        _ backEnd: BackEnd,
        _ body: (WebServer) async throws -> Void
    ) async throws {
        // Workers are another user where the tests are root.
        let directory = URL(filePath: "/tmp/web-\(UUID().uuidString.prefix(8))")
        for name in ["", "log", "temp"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: name),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
        }
        defer { try? FileManager.default.removeItem(at: directory) }
        let ports = try FreePorts.take(2)
        let server = WebServer(
            kind: kind,
            directory: directory,
            port: ports[0],
            plainPort: ports[1],
            backEnd: backEnd
        )
        if backEnd.isSecure { try await Certificates.make(in: directory) }
        let processes = try server.start()
        do {
            let isUp = try await eventually {
                // A web server whose programs cannot be started yet would say so.
                guard kind != .fcgiwrap || UnixSocket.isListening(at: server.path("cgi.sock")) else { return false }
                guard backEnd.isSecure else { return (try? await RawHTTP.ask(server.port, "/healthz").status) != nil }
                return (try? await RawHTTP.exchange(RawHTTP.Script("\r\n"), port: server.port, within: .zero)) != nil
            }
            guard isUp else { throw ChildProcess.Failure(description: "\(kind.rawValue) is not up: \(server.log)") }
            try await body(server)
        } catch {
            for process in processes { await process.stop() }
            throw error
        }
        for process in processes { await process.stop() }
    }

    private func start() throws -> [ChildProcess] {
        switch self.kind {
        case .nginx, .nginxKept: [try self.startNginx()]
        case .fcgiwrap: [try self.startWrapper(), try self.startNginx()]
        case .apache, .apacheCGI: [try self.startApache()]
        case .lighttpd, .lighttpdCGI: [try self.startLighttpd()]
        case .haproxy: [try self.startHAProxy()]
        }
    }

    func run(_ program: String, _ arguments: [String]) throws -> ChildProcess {
        guard let path = Checkout.installed(program) else {
            throw ChildProcess.Failure(
                description: "\(program) is not installed: run scripts/install-dependencies test"
            )
        }
        return try ChildProcess(
            path,
            arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            log: self.directory.appending(path: "log/\(program).log")
        )
    }

    private func startWrapper() throws -> ChildProcess {
        try self.run("fcgiwrap", ["-c", "2", "-s", "unix:" + self.path("cgi.sock")])
    }
}

/// The static files of the checkout.
let sharedFiles = Checkout.root.appending(path: "www").path(percentEncoded: false)
