import ForeignText
import VaultCore

extension StoreError {
    /// What happened to a store in PostgreSQL, and what to do, for whoever runs a command or reads the log.
    init(_ failure: PostgresFailure, at address: String) {
        let (code, sentence) = Self.reading(of: failure, at: address)
        self.init(
            code,
            sentence,
            reason: failure.state.isEmpty ? failure.message : "\(failure.state) \(failure.message)"
        )
    }

    private static func reading(of failure: PostgresFailure, at address: String) -> (Code, String) {
        let said = PrintableText.line(failure.message)
        let database = "The database \(address)"
        switch failure.state {
        case "53100": return (.full, "\(database) has no room to write (\(said)): make room on its disk.")
        case "53300":
            return (
                .unavailable,
                "\(database) has no connection left for the vault: raise its max_connections, or lower TOKEN_VAULT_POSTGRES_CONNECTIONS."
            )
        case "57P01", "57P02", "57P03":
            return (.unavailable, "\(database) is starting or stopping (\(said)): try again when it is up.")
        case "57014":
            return (.unavailable, "\(database) took too long: see what it is busy with, and try again.")
        case "55P03", "40001", "40P01", "23503", "23505":
            return (
                .unavailable,
                "Others were writing the same rows of \(database.lowercasedFirst) for too long: try again."
            )
        case "25006": return (.unavailable, self.standby(database))
        case "28P01", "28000":
            return (
                .unusable,
                "\(database) refuses the login (\(said)): set the user right, and the password in TOKEN_VAULT_POSTGRES_PASSWORD_FILE or PGPASSFILE."
            )
        case "3D000": return (.unusable, "\(database) does not exist: make it with `createdb`.")
        case "42501":
            return (
                .unusable,
                "\(database) does not let the vault's user do that (\(said)): give it the schema, as docs/postgresql.md has it."
            )
        case "3F000", "42P01":
            return (
                .unusable,
                "\(database) holds no store (\(said)): make one with `token-vault store create --name NAME`; behind a pooler, set TOKEN_VAULT_POSTGRES_POOLER=transaction."
            )
        case "26000", "42P05":
            return (
                .unusable,
                "Between the vault and \(database.lowercasedFirst) is a pooler that changes connections: set TOKEN_VAULT_POSTGRES_POOLER=transaction."
            )
        case "08P01" where failure.kind == .notConnected && self.isPoolersRefusal(said):
            return (
                .unusable,
                "The pooler of \(database.lowercasedFirst) refuses the vault (\(said)): set it right, or TOKEN_VAULT_STORE."
            )
        case "22021", "22P05":
            return (.failed, "\(database) does not keep text as UTF-8: make it with `createdb --encoding UTF8`.")
        default: break
        }
        switch failure.state.prefix(2) {
        case "08", "53", "57", "58", "25", "40":
            return (.unavailable, "\(database) cannot be used just now (\(said)): try again.")
        case "": return self.reading(ofLibrary: failure, said: said, database: database)
        default: return (.failed, "\(database) cannot be used: \(said).")
        }
    }

    /// What the library itself says has no code.
    private static func reading(
        ofLibrary failure: PostgresFailure,
        said: String,
        database: String
    ) -> (Code, String) {
        if said.contains("read-only") || said.contains("hot standby") { return (.unavailable, self.standby(database)) }
        let isAboutTLS = ["SSL", "certificate", "private key"].contains { said.contains($0) }
        if isAboutTLS, failure.kind == .notConnected {
            return (
                .unusable,
                "\(database) cannot be reached by TLS (\(said)): set sslrootcert and sslmode in TOKEN_VAULT_STORE right."
            )
        }
        if said.contains("no password supplied") || said.contains("authentication method") {
            return (
                .unusable,
                "\(database) asks for a password (\(said)): name a file with it in TOKEN_VAULT_POSTGRES_PASSWORD_FILE or PGPASSFILE."
            )
        }
        if failure.kind == .lost {
            return (.unavailable, "The connection to \(database.lowercasedFirst) was lost (\(said)): try again.")
        }
        return (.unavailable, "\(database) cannot be reached (\(said)): see whether it runs, and try again.")
    }

    /// pgbouncer has one code for whatever it does not like of a client.
    private static func isPoolersRefusal(_ said: String) -> Bool {
        ["no such database", "no such user", "authentication failed", "unsupported startup parameter"]
            .contains { said.contains($0) }
    }

    private static func standby(_ database: String) -> String {
        "\(database) takes no writes, since it is a standby or read-only: name the primary in TOKEN_VAULT_STORE, or all hosts with commas between them."
    }
}

extension String {
    fileprivate var lowercasedFirst: String { self.prefix(1).lowercased() + self.dropFirst() }
}
