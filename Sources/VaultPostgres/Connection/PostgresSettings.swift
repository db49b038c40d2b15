import VaultCore

/// The settings beside the address.
struct PostgresSettings: Sendable {
    let environment: [String: String]

    private func text(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    var passwordFile: String? { self.text("TOKEN_VAULT_POSTGRES_PASSWORD_FILE") }

    /// A name that needs no quotes: it is written into statements.
    func schema() throws -> String {
        let schema = self.text("TOKEN_VAULT_POSTGRES_SCHEMA") ?? "token_vault"
        let isName =
            schema.utf8.count <= 63 && schema.first.map { $0.isLetter || $0 == "_" } ?? false
            && schema.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") }
        guard isName, !schema.hasPrefix("pg_") else {
            throw StoreError(
                .unusable,
                "TOKEN_VAULT_POSTGRES_SCHEMA has to be a name of lower-case letters, digits and _, which begins with a letter."
            )
        }
        return schema
    }

    func pooler() throws -> PostgresPooler {
        guard let text = self.text("TOKEN_VAULT_POSTGRES_POOLER") else { return .none }
        guard let pooler = PostgresPooler(rawValue: text) else {
            let known = PostgresPooler.allCases.map(\.rawValue).joined(separator: " or ")
            throw StoreError(.unusable, "TOKEN_VAULT_POSTGRES_POOLER has to be \(known).")
        }
        return pooler
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = self.text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw StoreError(
                .unusable,
                "\(name) has to be a number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }
}
