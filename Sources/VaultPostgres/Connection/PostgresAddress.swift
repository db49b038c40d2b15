import CPostgreSQL
import VaultCore

/// Where a store in PostgreSQL is, and how to get there: `postgresql://user@host/database?sslmode=…`, as libpq reads it, and
/// the settings that go with it.
///
/// It never holds a password: that comes from a file, from `PGPASSFILE`, or is not needed.
package struct PostgresAddress: Sendable, Hashable {
    /// Whether a setting names a store in PostgreSQL rather than a file.
    package static func isPostgres(_ text: String) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    /// One set of libpq's parameters for each host that is named, in their order.
    let hosts: [[String: String]]
    let schema: String
    let pooler: PostgresPooler
    /// How many connections the vault keeps at the most.
    let connections: Int
    /// How long a call of the store may take, with the wait for a connection.
    let deadline: Duration
    /// A file whose first line is the password; read at each connection, so that it can be changed.
    let passwordFile: String?

    /// The address without anything that is not needed to recognize it.
    package let description: String

    /// - Throws: ``StoreError/Code/unusable`` for what is no address, for a password in it, for a setting that is not one, and
    ///   where libpq is not installed.
    package init(_ text: String, environment: [String: String]) throws {
        let parameters = try Self.parameters(of: text, library: PostgresLibrary())
        guard parameters["password"] == nil else {
            throw StoreError(
                .unusable,
                "TOKEN_VAULT_STORE has a password in it, which others could see: put it into a file for the vault alone, and name "
                    + "that in TOKEN_VAULT_POSTGRES_PASSWORD_FILE."
            )
        }
        let settings = PostgresSettings(environment: environment)
        self.schema = try settings.schema()
        self.pooler = try settings.pooler()
        self.connections = try settings.number("TOKEN_VAULT_POSTGRES_CONNECTIONS", in: 1...100) ?? 8
        self.deadline = .seconds(try settings.number("TOKEN_VAULT_POSTGRES_DEADLINE", in: 1...60) ?? 5)
        self.passwordFile = settings.passwordFile
        self.hosts = try PostgresHosts(parameters, environment: environment, deadline: self.deadline).parameters
        self.description = Self.description(of: parameters, environment: environment)
    }

    private static func parameters(of text: String, library: PostgresLibrary) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        defer { if let message { library.freeMemory(message) } }
        guard let options = library.parseAddress(text, &message) else {
            // The library's own message may have the whole of it in it.
            throw StoreError(
                .unusable,
                "TOKEN_VAULT_STORE is not an address of a database: it has to be like postgresql://user@host/database?sslmode=verify-full."
            )
        }
        defer { library.freeAddress(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }

    private static func description(of parameters: [String: String], environment: [String: String]) -> String {
        func value(_ name: String, _ variable: String) -> String? { parameters[name] ?? environment[variable] }
        let user = value("user", "PGUSER").map { "\($0)@" } ?? ""
        let host = value("host", "PGHOST") ?? parameters["hostaddr"] ?? ""
        let port = value("port", "PGPORT").map { ":\($0)" } ?? ""
        let database = value("dbname", "PGDATABASE") ?? parameters["user"] ?? ""
        return "postgresql://\(user)\(host)\(port)/\(database)"
    }
}

extension PostgresAddress: CustomStringConvertible {}
