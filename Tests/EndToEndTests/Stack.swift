import Foundation
import TestSupport

/// Everything that `make run` starts, on ports and sockets of its own: emulator, vault, page, and nginx in front.
final class Stack: Sendable {
    let directory: URL
    let port: Int
    let emulatorPort: Int
    let vaultPort: Int
    /// The token that the vault holds.
    let sampleToken = "sample-\(UUID().uuidString)"
    let tenantID: String
    let objectID: String
    private let login: Login?
    let options: Options
    private let processes = ProcessList()
    private let storeDisk = Box<SmallDisk?>(nil)
    private let extraVaultEnvironment: [String: String]

    /// Which programs are started, and what the page is told beyond the identity and the vault.
    struct Options: Sendable {
        var pageEnvironment: [String: String] = [:]
        /// Names of variables that the page does not get.
        var withheld: Set<String> = []
        var grantsAccess = true
        /// The size of a file system of its own for the vault's store, for which the tests have to run as root.
        var storeMegabytes: Int?
        /// How many bytes of that are free when the vault starts for the first time.
        var storeRoom: Int?
        /// Added to the nginx configuration, inside `http`.
        var nginxExtra = ""
        /// What the vault is told beyond its store, its key and the emulator.
        var vaultEnvironment: [String: String] = [:]
        /// Logins at the emulator's provider in the place of a token that was imported, as `make run` has it.
        var login: Login?
        /// The same, and what the page is told, where they depend on the paths and ports of the stack.
        var nginxExtraOf: @Sendable (Stack) throws -> String = { _ in "" }
        var pageEnvironmentOf: @Sendable (Stack) -> [String: String] = { _ in [:] }
    }

    struct Login: Sendable {
        /// Seconds that an access token of the provider is valid.
        var tokenLifetime = 60
        /// What stands in the place of the token's name in the address that the page is given.
        var tokenName = "sampleToken"
    }

    var pageURL: String { "http://127.0.0.1:\(self.port)" }
    var vaultURL: String { "http://127.0.0.1:\(self.vaultPort)" }
    var emulatorURL: String { "http://127.0.0.1:\(self.emulatorPort)" }
    private var emulatorEnvironment: [String: String] {
        Self.base.merging([
            "AZURE_EMULATOR_URL": self.emulatorURL, "AZURE_EMULATOR_STATE": self.path("emulator"),
            "AZURE_EMULATOR_OAUTH_LIFETIME": "\(self.login?.tokenLifetime ?? 60)",
        ]) { $1 }
    }
    private var vaultEnvironment: [String: String] {
        Self.base.merging([
            "TOKEN_VAULT_STORE": self.path("store/vault.sqlite"), "TOKEN_VAULT_KEY_FILE": self.path("vault.key"),
            "TOKEN_VAULT_PUBLIC_URL": self.vaultURL,
            "TOKEN_VAULT_ISSUERS": "\(self.emulatorURL)/\(self.tenantID)/,\(self.emulatorURL)/\(self.tenantID)/v2.0",
        ]) { $1 }
        .merging(self.login == nil ? [:] : ["TOKEN_VAULT_LOCAL_PROVIDER": "\(self.emulatorURL)/oauth"]) { $1 }
        .merging(self.extraVaultEnvironment) { $1 }
    }

    private static let base = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LOG_LEVEL": "debug"]

    private init(directory: URL, options: Options) async throws {
        self.directory = directory
        self.extraVaultEnvironment = options.vaultEnvironment
        self.login = options.login
        self.options = options
        (self.port, self.emulatorPort, self.vaultPort) = try FreePorts.three()
        let emulator = ["AZURE_EMULATOR_URL": "http://127.0.0.1:\(self.emulatorPort)"]
            .merging(["AZURE_EMULATOR_STATE": directory.appending(path: "emulator").path(percentEncoded: false)]) { $1 }
            .merging(Self.base) { $1 }
        let log = directory.appending(path: "principal")
        let principal = try ChildProcess(
            Checkout.program("azure-emulator"),
            ["principal"],
            environment: emulator,
            log: log
        )
        _ = try await principal.waitForEnd()
        // NAME tid=… oid=… appid=…
        let line = principal.logText.split(separator: "\n").first { $0.hasPrefix("system-assigned") } ?? ""
        let fields = line.split(separator: " ").dropFirst().map { $0.split(separator: "=").last.map(String.init) ?? "" }
        guard fields.count >= 3 else {
            throw ChildProcess.Failure(description: "azure-emulator principal: \(principal.logText)")
        }
        self.tenantID = fields[0]
        self.objectID = fields[1]
    }

    /// Starts a stack, runs the body, and ends everything whatever happens.
    static func with(
        _ options: Options = Options(),
        _ body: (Stack) async throws -> Void
    ) async throws {
        let name = "tp-\(UUID().uuidString.prefix(8))"
        let directory = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        let stack = try await Stack(directory: directory, options: options)
        do {
            try await stack.start(options)
            try await body(stack)
        } catch {
            await stack.stopAll()
            throw error
        }
        await stack.stopAll()
    }

    func path(_ name: String) -> String {
        self.directory.appending(path: name).path(percentEncoded: false)
    }

    // MARK: Starting and stopping

    private func start(_ options: Options) async throws {
        if let size = options.storeMegabytes {
            let disk = try SmallDisk(path: self.path("store"), megabytes: size)
            self.storeDisk.withLock { $0 = disk }
        }
        try await self.vault(["store", "create", "--name", "local", "--create-key"])
        if options.login != nil {
            try await self.setUpLogin()
        } else {
            try await self.vault(["service", "create", "dropbox", "--provider", "dropbox"])
            try Data("\(self.sampleToken)\n".utf8).write(to: self.directory.appending(path: "token"))
            try await self.vault(
                ["token", "import", "dropbox", "sampleToken", "--expires-in", "3600"],
                input: self.path("token")
            )
        }
        if options.grantsAccess { try await self.grantAccess() }
        try self.startEmulator()
        if let room = options.storeRoom { try self.disk().fill(leaving: room) }
        try self.startVault()
        try await self.startPage(options)
        try await self.startNginx(extra: options.nginxExtra + options.nginxExtraOf(self))
        guard try await eventually({ await (try? Browser.get(self.pageURL + "/healthz").status) == 200 }) else {
            throw ChildProcess.Failure(description: "the page did not come up: \(self.processes.logs)")
        }
    }

    func grantAccess() async throws {
        let permissions = self.login == nil ? "Get,List" : "Get,List,CreateOrUpdateToken,DeleteToken"
        try await self.vault(
            ["policy", "grant", "--tenant", self.tenantID, "--object", self.objectID, "--permissions", permissions]
        )
    }

    /// A service at the emulator's provider, and a token that nobody has logged in for.
    private func setUpLogin() async throws {
        let secret = try ChildProcess(
            Checkout.program("azure-emulator"),
            ["oauth-client", "--secret"],
            environment: self.emulatorEnvironment,
            log: self.directory.appending(path: "client-secret")
        )
        guard try await secret.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "azure-emulator oauth-client: \(secret.logText)")
        }
        try await self.vault(
            [
                "service", "set", "dropbox", "--provider", "local", "--client-id", "local-client", "--return-url",
                self.pageURL + "/",
            ],
            input: self.path("client-secret")
        )
        try await self.vault(["token", "create", "dropbox", "sampleToken"])
    }

    /// Runs one command of the vault to its end.
    func vault(_ arguments: [String], input: String? = nil, log: URL? = nil) async throws {
        let process = try ChildProcess(
            Checkout.program("token-vault"),
            arguments,
            environment: self.vaultEnvironment,
            log: log ?? self.directory.appending(path: "vault-command.log"),
            input: input
        )
        guard try await process.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "token-vault \(arguments): \(process.logText)")
        }
    }

    /// Begins to import a token, for a test that does not let it come to its end.
    func startImport(_ service: String, _ token: String, input: String) throws -> ChildProcess {
        try ChildProcess(
            Checkout.program("token-vault"),
            ["token", "import", service, token],
            environment: self.vaultEnvironment,
            log: self.directory.appending(path: "import.log"),
            input: input
        )
    }

    func startEmulator() throws {
        try self.start(
            "emulator",
            "azure-emulator",
            ["serve", "--socket", self.path("e.sock")],
            self.emulatorEnvironment
        )
    }

    /// The file system of the vault's store.
    func disk() throws -> SmallDisk {
        guard let disk = self.storeDisk.value else {
            throw ChildProcess.Failure(description: "the store has no file system of its own")
        }
        return disk
    }

    func startVault() throws {
        try self.start("vault", "token-vault", ["serve", "--socket", self.path("v.sock")], self.vaultEnvironment)
    }

    func startPage(_ options: Options = Options()) async throws {
        try self.start(
            "page",
            "token-page",
            ["--socket", self.path("p.sock")],
            try await self.pageEnvironment(options)
        )
    }

    /// The variables that a client needs, as the emulator gives them for one kind of place.
    func identityVariables(for place: String) async throws -> [String: String] {
        let file = self.path("identity.env")
        let command = try ChildProcess(
            Checkout.program("azure-emulator"),
            ["env", "--for", place, "--output", file],
            environment: self.emulatorEnvironment,
            log: self.directory.appending(path: "env.log")
        )
        guard try await command.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "azure-emulator env: \(command.logText)")
        }
        var variables: [String: String] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, !line.hasPrefix("#") else { continue }
            var value = parts[1].replacingOccurrences(of: "'\\''", with: "\u{0}")
            if value.hasPrefix("'"), value.hasSuffix("'") { value = String(value.dropFirst().dropLast()) }
            variables[String(parts[0])] = value.replacingOccurrences(of: "\u{0}", with: "'")
        }
        return variables
    }

    /// What the page is started with: the emulator's identity, and this vault.
    func pageEnvironment(_ options: Options = Options()) async throws -> [String: String] {
        var environment = Self.base
        environment["TOKEN_VAULT_URL"] =
            "\(self.vaultURL)/services/dropbox/tokens/\(self.login?.tokenName ?? "sampleToken")"
        if self.login != nil {
            environment["TOKEN_PAGE_LOGIN"] = "true"
            environment["TOKEN_PAGE_SESSION_KEY_FILE"] = self.path("session.key")
        }
        environment["TOKEN_PAGE_TEMPLATES"] = Checkout.root.appending(path: "www/templates").path(percentEncoded: false)
        environment.merge(try await self.identityVariables(for: "app-service")) { $1 }
        environment["AZURE_AUTHORITY_HOST"] = self.emulatorURL + "/"
        environment.merge(options.pageEnvironment) { $1 }
        environment.merge(options.pageEnvironmentOf(self)) { $1 }
        return environment.filter { !options.withheld.contains($0.key) }
    }

    private func startNginx(extra: String) async throws {
        guard let nginx = Checkout.installed("nginx") else {
            throw ChildProcess.Failure(description: "nginx is not installed: run make deps")
        }
        for name in ["log", "temp"] {
            try FileManager.default.createDirectory(
                at: self.directory.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        let configuration = try String(
            contentsOf: Checkout.root.appending(path: "nginx/local.conf.in"),
            encoding: .utf8
        )
        .replacingOccurrences(of: "@PORT@", with: String(self.port))
        .replacingOccurrences(of: "@EMULATOR_PORT@", with: String(self.emulatorPort))
        .replacingOccurrences(of: "@VAULT_PORT@", with: String(self.vaultPort))
        .replacingOccurrences(of: "@SOCKETS@/page", with: self.path("p.sock"))
        .replacingOccurrences(of: "@SOCKETS@/emulator", with: self.path("e.sock"))
        .replacingOccurrences(of: "@SOCKETS@/vault", with: self.path("v.sock"))
        .split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasSuffix("# remote") }
        .joined(separator: "\n")
        let end = configuration.lastIndex(of: "}") ?? configuration.endIndex
        try (configuration[..<end] + extra + "\n}\n")
            .write(to: self.directory.appending(path: "nginx.conf"), atomically: true, encoding: .utf8)
        for (name, target) in [("www", "www"), ("snippets", "nginx/snippets")] {
            try FileManager.default.createSymbolicLink(
                at: self.directory.appending(path: name),
                withDestinationURL: Checkout.root.appending(path: target)
            )
        }
        let user = getuid() == 0 ? " user root;" : ""
        let arguments = ["-p", self.path(""), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;" + user]
        let log = self.directory.appending(path: "nginx.log")
        self.processes.add(try ChildProcess(nginx, arguments, environment: Self.base, log: log), name: "nginx")
    }

    private func start(_ name: String, _ program: String, _ arguments: [String], _ environment: [String: String]) throws
    {
        let log = self.directory.appending(path: "\(name).log")
        let process = try ChildProcess(Checkout.program(program), arguments, environment: environment, log: log)
        self.processes.add(process, name: name)
    }

    func process(_ name: String) throws -> ChildProcess {
        guard let process = self.processes.find(name) else {
            throw ChildProcess.Failure(description: "\(name) was not started")
        }
        return process
    }

    func stop(_ name: String) async throws {
        await (try self.process(name)).stop()
    }

    /// What a part has printed, and the access log of nginx.
    func log(_ name: String) -> String {
        (try? String(contentsOf: self.directory.appending(path: name), encoding: .utf8)) ?? ""
    }

    private func stopAll() async {
        for process in self.processes.all.reversed() { await process.stop() }
        self.storeDisk.withLock { $0 = nil }
    }
}
