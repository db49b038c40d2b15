import GRDB

extension CredentialStore {
    /// Longest name that is written into the audit; no service or token has a longer one.
    static let maxNameLength = 128

    /// Adds a row to the audit; it is on the disk when this returns.
    func append(_ entry: AuditEntry) async throws {
        try await self.pool.write { [now = self.timestamp] db in
            try db.execute(
                sql: """
                    INSERT INTO audit (at, tenant_id, object_id, action, service, token, outcome)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    now, entry.principal.tenantID, entry.principal.objectID, entry.action.rawValue,
                    String(entry.service.prefix(Self.maxNameLength)), String(entry.token.prefix(Self.maxNameLength)),
                    entry.outcome.rawValue,
                ]
            )
        }
    }
}
