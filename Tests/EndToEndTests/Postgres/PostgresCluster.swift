import Foundation
import Locking
import TestSupport

/// A PostgreSQL server of a test's own, from Debian's package, which a test may stop, hold and start again.
final class PostgresCluster: Sendable {
    /// The role that vaults use; its password is in ``passwordFile``.
    static let role = "vault"

    /// Where the newest server of this machine has its programs; nil when there is none.
    private static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.max().map { "\(root)/\($0)/bin" }
    }()

    /// It takes root to become the user that a server runs as.
    static var isAvailable: Bool { getuid() == 0 && self.programs != nil }

    let directory: URL
    let host: String
    let port: Int
    let programs: String
    private let prefix: [String]
    private let settings: [String: String]
    /// Whether vaults want TLS, and know the certificate.
    private let isEncrypted: Bool
    private let server = Mutex<ChildProcess?>(nil)

    var passwordFile: String { self.path("password") }
    let password = "p-\(UInt64.random(in: 0 ... .max))"
    var superuserDirectory: String { self.path("socket") }

    /// Makes the files of a server, and starts it, at a port that is free if none is named.
    ///
    /// Its command line may begin with what puts it into another network; the settings are those of `postgresql.conf`. It is
    /// encrypted where something leaves the machine, if nothing else is said.
    init(
        host: String = "127.0.0.1",
        port: Int? = nil,
        prefix: [String] = [],
        settings: [String: String] = [:],
        isEncrypted: Bool? = nil
    ) async throws {
        guard let programs = Self.programs else {
            throw ChildProcess.Failure(description: "PostgreSQL is not installed")
        }
        self.programs = programs
        self.directory = FileManager.default.temporaryDirectory.appending(path: "pg-\(UUID().uuidString.prefix(8))")
        self.host = host
        self.port = try port ?? FreePorts.take(1)[0]
        self.prefix = prefix
        self.settings = settings
        self.isEncrypted = isEncrypted ?? !host.hasPrefix("127.")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        let user = getpwnam("postgres")
        guard let user else { throw ChildProcess.Failure(description: "there is no user postgres") }
        for folder in ["", "socket"] {
            try FileManager.default.createDirectory(atPath: self.path(folder), withIntermediateDirectories: true)
            chown(self.path(folder), user.pointee.pw_uid, user.pointee.pw_gid)
            chmod(self.path(folder), folder.isEmpty ? 0o755 : 0o700)
        }
        try Data("\(self.password)\n".utf8).write(to: self.directory.appending(path: "password"))
        chmod(self.passwordFile, 0o600)
        do {
            try await self.run([
                "\(programs)/initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                "--username=postgres", self.path("data"),
            ])
            try Data("local all all trust\nhost all all all scram-sha-256\n".utf8)
                .write(to: self.directory.appending(path: "data/pg_hba.conf"))
            if self.isEncrypted { try await self.makeCertificate() }
            try await self.start()
            _ = try await self.query("CREATE ROLE \(Self.role) LOGIN PASSWORD '\(self.password)'")
        } catch {
            await self.end()
            throw error
        }
    }

    /// Makes a server, runs the body, and ends the server whatever happens.
    static func with<Result>(
        settings: [String: String] = [:],
        isEncrypted: Bool? = nil,
        _ body: (PostgresCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = try await PostgresCluster(settings: settings, isEncrypted: isEncrypted)
        do {
            let result = try await body(cluster)
            await cluster.end()
            return result
        } catch {
            await cluster.end()
            throw error
        }
    }

    func path(_ name: String) -> String { self.directory.appending(path: name).path(percentEncoded: false) }

    private func makeCertificate() async throws {
        try await self.run([
            Checkout.installed("openssl") ?? "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2", "-subj", "/CN=database", "-addext",
            "subjectAltName=IP:\(self.host)", "-keyout", self.path("socket/key.pem"), "-out",
            self.path("certificate.pem"),
        ])
    }

    /// Makes a database for a store.
    ///
    /// - Returns: Its address, as `TOKEN_VAULT_STORE` has it.
    func makeDatabase(_ name: String) async throws -> String {
        _ = try await self.query("CREATE DATABASE \(name) OWNER \(Self.role)")
        let query = !self.isEncrypted ? "" : "?sslmode=verify-full&sslrootcert=\(self.path("certificate.pem"))"
        return "postgresql://\(Self.role)@\(self.host):\(self.port)/\(name)\(query)"
    }

    /// Runs a statement as the administrator.
    ///
    /// - Returns: The rows, a line each.
    func query(_ sql: String, in database: String = "postgres") async throws -> String {
        try await self.run([
            "\(self.programs)/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.superuserDirectory, "-p",
            "\(self.port)",
            "-U", "postgres", "-d", database, "-c", sql,
        ]).trimmingCharacters(in: .newlines)
    }

    /// Begins a statement, and waits for nothing.
    func beginQuery(_ sql: String, as role: String, in database: String = "postgres") throws -> ChildProcess {
        try self.begin(
            [
                "\(self.programs)/psql", "-XAtq", "-h", self.superuserDirectory, "-p", "\(self.port)", "-U", role, "-d",
                database, "-c", sql,
            ],
            log: "query.log"
        )
    }

    // MARK: The server

    func start() async throws {
        let defaults = [
            // No power fails here: what was written outlives the server's processes without it.
            "fsync": "off", "listen_addresses": self.host, "unix_socket_directories": self.superuserDirectory,
        ]
        let security = [
            "ssl": "on", "ssl_cert_file": self.path("certificate.pem"), "ssl_key_file": self.path("socket/key.pem"),
        ]
        let options = defaults.merging(self.isEncrypted ? security : [:]) { $1 }.merging(self.settings) { $1 }.sorted {
            $0.key < $1.key
        }
        .flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let process = try self.begin(
            ["\(self.programs)/postgres", "-D", self.path("data"), "-p", "\(self.port)"] + options,
            log: "server.log"
        )
        self.server.withLock { $0 = process }
        let isUp = try await eventually {
            guard process.isRunning else { return true }
            return (try? await self.query("SELECT 1")) == "1"
        }
        guard isUp, process.isRunning else {
            throw ChildProcess.Failure(description: "PostgreSQL did not start: \(process.logText.suffix(2000))")
        }
    }

    enum Shutdown: Int32, Sendable, CaseIterable {
        /// Ends the connections, and the server then (SIGINT).
        case fast = 2
        /// As if it had crashed, so that it recovers when it is started again (SIGQUIT).
        case immediate = 3
    }

    func stop(_ shutdown: Shutdown = .fast) async throws {
        guard let process = self.server.withLock({ $0 }) else { return }
        process.signal(shutdown.rawValue)
        guard try await process.waitForEnd() != nil else {
            throw ChildProcess.Failure(description: "PostgreSQL did not stop: \(process.logText.suffix(2000))")
        }
    }

    /// Sends a signal to all of its processes, such as SIGSTOP: they are there, and answer nothing.
    func signalAll(_ number: Int32) {
        guard let process = self.server.withLock({ $0 }), process.isRunning else { return }
        let children =
            (try? String(
                contentsOfFile: "/proc/\(process.identifier)/task/\(process.identifier)/children",
                encoding: .utf8
            )) ?? ""
        for child in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(child, number) }
        process.signal(number)
    }

    /// Ends the server, and removes its files.
    func end() async {
        self.signalAll(SIGCONT)
        try? await self.stop(.immediate)
        try? FileManager.default.removeItem(at: self.directory)
    }

    private func begin(_ command: [String], log: String) throws -> ChildProcess {
        let user = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        let whole = self.prefix + user + command
        return try ChildProcess(
            whole[0],
            Array(whole.dropFirst()),
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": self.path("")],
            log: self.directory.appending(path: log)
        )
    }

    @discardableResult
    private func run(_ command: [String]) async throws -> String {
        let process = try self.begin(command, log: "command-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: process.log) }
        let code = try await process.waitForEnd()
        guard code == 0 else {
            throw ChildProcess.Failure(description: "\(command[0]) ended with \(code ?? -1): \(process.logText)")
        }
        return process.logText
    }
}
