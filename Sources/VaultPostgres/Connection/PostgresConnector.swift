import CPostgreSQL
import Foundation
import Glibc
import GuardedFiles
import VaultCore

/// Makes connections to the hosts of an address.
struct PostgresConnector: Sendable {
    let address: PostgresAddress
    let library: PostgresLibrary

    /// How long one host may take; there may be several.
    private var patience: Duration { min(self.address.deadline, .seconds(3)) }

    private let lookUp: @Sendable (String) -> [String]

    /// - Parameters:
    ///   - address: Where.
    ///   - lookUp: Gives the addresses of a host; may block.
    /// - Throws: ``StoreError/Code/unusable`` where libpq is not installed.
    init(address: PostgresAddress, lookUp: @escaping @Sendable (String) -> [String] = HostAddresses.lookUp) throws {
        self.address = address
        self.lookUp = lookUp
        self.library = try PostgresLibrary()
    }

    /// Connects to the first host that takes writes; blocks.
    ///
    /// A look-up of a name may take as long as the resolver of the machine lets it; everything else has a deadline.
    ///
    /// - Throws: ``PostgresFailure``, ``StoreError`` for a password file that cannot be used.
    func connect() throws -> PostgresConnection {
        let password = try self.password()
        var failure = PostgresFailure(.notConnected, message: "there is no host")
        for host in self.address.hosts {
            let places = self.places(of: host)
            for place in places {
                do {
                    let share = max(self.patience / places.count, .milliseconds(500))
                    let connection = try self.connect(to: place, password: password, within: share)
                    try self.prepare(connection)
                    return connection
                } catch let error as PostgresFailure {
                    failure = PostgresFailure(.notConnected, state: error.state, message: error.message)
                }
            }
        }
        throw failure
    }

    /// A host once for each of its addresses.
    ///
    /// libpq itself goes on to the next one only when the one before refuses, and waits for ever
    /// for one that is silent. Its name stays, for its certificate.
    private func places(of host: [String: String]) -> [[String: String]] {
        guard host["hostaddr"] == nil, let name = host["host"], !name.hasPrefix("/"), !name.hasPrefix("@") else {
            return [host]
        }
        let addresses = self.lookUp(name)
        // libpq says what is wrong with a name that is not known.
        guard !addresses.isEmpty else { return [host] }
        return addresses.map { host.merging(["hostaddr": $0]) { $1 } }
    }

    private func password() throws -> String? {
        guard let path = self.address.passwordFile else { return nil }
        let file = GuardedFile(
            path: path,
            privacy: .secret(credentialsDirectory: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]),
            links: .ofProjectedVolume,
            sizeLimit: 4096
        )
        do {
            guard let contents = try file.contents() else {
                throw StoreError(
                    .unusable,
                    "There is no file \(path), which TOKEN_VAULT_POSTGRES_PASSWORD_FILE names."
                )
            }
            return String(decoding: contents.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
        } catch let error as GuardedFileError {
            throw StoreError(.unusable, error.description)
        }
    }

    private func connect(to host: [String: String], password: String?, within patience: Duration) throws
        -> PostgresConnection
    {
        var parameters = host
        parameters["password"] = password
        guard let handle = self.start(parameters) else {
            throw PostgresFailure(.notConnected, message: "there is no memory for a connection")
        }
        // From here on somebody closes it.
        let connection = PostgresConnection(
            library: self.library,
            handle: handle,
            prepares: self.address.pooler == .none
        )
        // The code of an error is in the text alone, as long as there is no connection.
        _ = self.library.setErrorVerbosity(handle, 2)
        // Notices would go to standard error.
        _ = self.library.setNoticeProcessor(handle, { _, _ in }, nil)
        let deadline = ContinuousClock.now + patience
        // CONNECTION_BAD; PGRES_POLLING_READING, _WRITING and _OK.
        var next: Int32 = self.library.status(handle) == 1 ? 0 : 2
        while next != 3 {
            let isReady =
                (next == 1 || next == 2)
                && PostgresWait.isReady(self.library.socket(handle), next == 1 ? POLLIN : POLLOUT, until: deadline)
            guard isReady else {
                let isLate = next != 0
                let (state, message) = Self.plain(self.library.text(of: self.library.errorMessage(handle)))
                throw PostgresFailure(
                    .notConnected,
                    state: isLate ? "" : state,
                    message: isLate ? "\(host["host"] ?? "it") did not answer in time" : message
                )
            }
            next = self.library.pollConnecting(handle)
        }
        _ = self.library.setErrorVerbosity(handle, 1)
        guard self.library.setNonblocking(handle, 1) == 0 else {
            throw PostgresFailure(.notConnected, message: connection.message)
        }
        return connection
    }

    private func start(_ parameters: [String: String]) -> pq_connection? {
        // Held until libpq has copied them.
        let texts = parameters.flatMap { [strdup($0.key), strdup($0.value)] }
        defer { for text in texts { free(text) } }
        func pointers(from first: Int) -> [UnsafePointer<CChar>?] {
            stride(from: first, to: texts.count, by: 2).map { texts[$0].map { UnsafePointer($0) } } + [nil]
        }
        return self.library.startConnecting(pointers(from: 0), pointers(from: 1), 0)
    }

    /// Leaves in the session what each transaction needs, where the session stays.
    private func prepare(_ connection: PostgresConnection) throws {
        connection.deadline = .now + self.patience
        guard self.library.serverVersion(connection.handle) >= 130_000 else {
            throw StoreError(
                .unusable,
                "The database \(self.address) is older than PostgreSQL 13: the vault needs that or a later one."
            )
        }
        guard self.address.pooler == .none else { return }
        try connection.runScript(
            PostgresLimits(deadline: self.address.deadline).settings(schema: self.address.schema, isLocal: false)
        )
    }

    /// The code and the text of what libpq says while there is no connection, in one line without what the server does not say.
    static func plain(_ text: String) -> (state: String, message: String) {
        for line in text.split(separator: "\n") {
            guard let match = line.firstMatch(of: /: {2}([0-9A-Z]{5}): (.*)$/) else { continue }
            return (String(match.output.1), String(match.output.2))
        }
        return ("", text.split(separator: "\n").first.map(String.init) ?? "")
    }
}
