import Foundation
import TestSupport

/// One store, the vaults that serve it, and the provider that its tokens come from.
final class VaultLane: Sendable {
    static let service = "shop"

    let directory: URL
    let provider: StallingProvider
    /// Where nginx takes requests for the first vault, the second, and so on; at the last it takes turns.
    let ports: [Int]
    /// The file system of the store, if it has one of its own.
    let disk: SmallDisk?
    private let processes = ProcessList()
    let environment: [String: String]
    private let bearer: String

    struct Identity: Sendable {
        let issuers: String
        let tenant: String
        let object: String
        let bearer: String
    }

    /// The file of a store that is in one.
    var store: String { self.path("store/vault.sqlite") }
    let place: LaneStore
    /// What the command line of each vault begins with, such as what puts it into the network of a host.
    private let prefixes: [Int: [String]]

    /// Makes the store, and starts nothing yet.
    init(
        directory: URL,
        ports: [Int],
        kind: GrantLedger.Kind,
        identity: Identity,
        place: LaneStore = .file,
        disk: SmallDisk? = nil,
        prefixes: [Int: [String]] = [:]
    ) async throws {
        self.disk = disk
        self.place = place
        self.prefixes = prefixes
        self.directory = directory
        self.ports = ports
        self.provider = try StallingProvider(kind: kind)
        self.bearer = identity.bearer
        let path = { (name: String) in directory.appending(path: name).path(percentEncoded: false) }
        let common = [
            "PATH": "/usr/bin:/bin", "LOG_LEVEL": "info", "TOKEN_VAULT_STORE": path("store/vault.sqlite"),
            "TOKEN_VAULT_KEY_FILE": path("vault.key"), "TOKEN_VAULT_PROVIDERS": path("rows"),
            "TOKEN_VAULT_ALLOWED_ADDRESSES": path("allowed"), "TOKEN_VAULT_ISSUERS": identity.issuers,
            "TOKEN_VAULT_PUBLIC_URL": "http://127.0.0.1:\(ports[0])",
        ]
        self.environment = common.merging(try await place.environment(in: directory)) { $1 }
        try FileManager.default.createDirectory(
            at: directory.appending(path: "rows"),
            withIntermediateDirectories: true
        )
        try Data(Self.row(kind, port: self.provider.port).utf8).write(to: directory.appending(path: "rows/shop.json"))
        try Data("127.0.0.1\n".utf8).write(to: directory.appending(path: "allowed"))
        try Data("a-client-secret\n".utf8).write(to: directory.appending(path: "secret"))
        for file in ["rows", "rows/shop.json", "allowed"] { chmod(path(file), file == "rows" ? 0o755 : 0o644) }
        _ = try await self.command(["store", "create", "--name", "lane", "--create-key"])
        _ = try await self.command(
            [
                "service", "set", Self.service, "--provider", "shop", "--client-id", "vault", "--return-url",
                "http://localhost:9/",
            ],
            input: path("secret")
        )
        _ = try await self.command([
            "policy", "grant", "--tenant", identity.tenant, "--object", identity.object, "--permissions",
            "Get,List,CreateOrUpdate,Delete",
        ])
    }

    private static func row(_ kind: GrantLedger.Kind, port: Int) -> String {
        let rotation =
            switch kind {
            case .none: #""rotation":"none""#
            case .grace: #""rotation":"always","reuse":"revokeFamily","grace":"30s""#
            case .previousUntilUsed: #""rotation":"always","reuse":"previousUntilUsed""#
            case .strict: #""rotation":"always","reuse":"revokeFamily""#
            }
        let base = "http://127.0.0.1:\(port)"
        return """
            {"shop":{"authorizeUrl":"\(base)/authorize","tokenUrl":"\(base)/token","privateNetwork":true,\(rotation)}}
            """
    }

    func path(_ name: String) -> String { self.directory.appending(path: name).path(percentEncoded: false) }

    static func socket(_ index: Int) -> String { "v\(index).sock" }

    // MARK: Processes

    /// Runs a command of the vault to its end, and returns what it prints.
    func command(
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = [:],
        expecting code: Int32 = 0
    ) async throws -> String {
        let process = try self.begin(arguments, input: input, environment: environment)
        defer { try? FileManager.default.removeItem(at: process.log) }
        let ended = try await process.waitForEnd()
        guard ended == code else {
            throw ChildProcess.Failure(
                description: "token-vault \(arguments) ended with \(ended ?? -1): \(process.logText)"
            )
        }
        return process.logText
    }

    /// Starts a command of the vault, and waits for nothing.
    func begin(
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let line = (self.prefixes[0] ?? []) + [Checkout.program("token-vault")] + arguments
        return try ChildProcess(
            line[0],
            Array(line.dropFirst()),
            environment: self.environment.merging(environment) { $1 },
            log: self.directory.appending(path: "command-\(UUID().uuidString)"),
            input: input
        )
    }

    /// Starts a vault, and waits until it answers.
    @discardableResult
    func start(_ index: Int = 0, environment: [String: String] = [:]) async throws -> ChildProcess {
        let process = try self.launch(index, environment: environment)
        let isUp = try await eventually {
            guard process.isRunning else { return true }
            return await PlainRequest(path: "/healthz").send(port: self.ports[index]).status == 200
        }
        guard isUp, process.isRunning else {
            throw ChildProcess.Failure(description: "the vault did not come up: \(self.log(index).suffix(2000))")
        }
        return process
    }

    /// Starts a vault, and waits for nothing.
    func launch(_ index: Int = 0, environment: [String: String] = [:]) throws -> ChildProcess {
        let line =
            (self.prefixes[index] ?? [])
            + [Checkout.program("token-vault"), "serve", "--socket", self.path(Self.socket(index))]
        // Where vaults are on several hosts, each has a directory of its own.
        let host = ["TOKEN_VAULT_STATE_DIRECTORY": self.path(self.prefixes.isEmpty ? "state" : "state\(index)")]
        let process = try ChildProcess(
            line[0],
            Array(line.dropFirst()),
            environment: self.environment.merging(self.place.isFile ? [:] : host) { $1 }.merging(environment) { $1 },
            log: self.directory.appending(path: "vault\(index).log")
        )
        self.processes.add(process, name: "vault\(index)")
        return process
    }

    func vault(_ index: Int = 0) throws -> ChildProcess {
        guard let process = self.processes.find("vault\(index)") else {
            throw ChildProcess.Failure(description: "no vault was started")
        }
        return process
    }

    /// As nobody expects it: SIGKILL.
    func kill(_ index: Int = 0) async throws {
        let process = try self.vault(index)
        guard process.isRunning else {
            throw ChildProcess.Failure(description: "the vault ended by itself: \(self.log(index).suffix(2000))")
        }
        process.signal(SIGKILL)
        _ = try await process.waitForEnd()
    }

    func log(_ index: Int = 0) -> String {
        (try? String(contentsOf: self.directory.appending(path: "vault\(index).log"), encoding: .utf8)) ?? ""
    }

    /// Somebody who looks at the store, and may keep the vaults from writing.
    func watch() async throws -> any StoreWatch {
        switch self.place {
        case .file: try SQLiteWatch(store: self.store)
        case .postgres: try await PostgresWatch(environment: self.environment)
        }
    }

    func end() async {
        self.provider.end()
        for process in self.processes.all.reversed() where process.isRunning {
            process.signal(SIGCONT)
            process.signal(SIGKILL)
            _ = try? await process.waitForEnd()
        }
    }

    // MARK: Requests

    func send(
        _ method: String,
        _ path: String,
        body: String? = nil,
        headers: [String: String] = [:],
        to index: Int = 0
    ) async -> PlainRequest.Reply {
        let headers = headers.merging(["Authorization": "Bearer \(self.bearer)"]) { $1 }
        return await PlainRequest(method: method, path: path, headers: headers, body: body).send(
            port: self.ports[index]
        )
    }

    /// The header field of a caller, for those that send requests another way.
    var authorization: String { "Authorization: Bearer \(self.bearer)" }
}
