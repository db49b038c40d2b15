import GRDB
package import VaultCore

extension SQLiteStore {
    /// What a principal may do; nil when there is no policy for it.
    package func policy(for principal: Principal) async throws -> AccessPolicy? {
        try await self.read { try Self.policy(for: principal, in: $0) }
    }

    package func policies() async throws -> [AccessPolicy] {
        try await self.read { db in
            try PolicyRow.fetchAll(db, sql: PolicyRow.query + " ORDER BY tenant_id, object_id").map(\.policy)
        }
    }

    /// Adds permissions to those that a principal has.
    ///
    /// - Returns: The policy as it is now.
    package func grant(_ permissions: Permission, to principal: Principal) async throws -> AccessPolicy {
        try await self.write { [now = self.timestamp] db in
            let held = try Self.policy(for: principal, in: db)?.permissions ?? []
            let policy = AccessPolicy(principal: principal, permissions: held.union(permissions))
            try db.execute(
                sql: """
                    INSERT INTO access_policy (tenant_id, object_id, permissions, created_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (tenant_id, object_id, resource) DO UPDATE SET permissions = excluded.permissions
                    """,
                arguments: [
                    principal.tenantID, principal.objectID, policy.permissions.names.joined(separator: ","), now,
                ]
            )
            return policy
        }
    }

    /// Takes all permissions from a principal.
    ///
    /// - Returns: False when it had none.
    package func revoke(_ principal: Principal) async throws -> Bool {
        try await self.write { db in
            try db.execute(
                sql: "DELETE FROM access_policy WHERE tenant_id = ? AND object_id = ?",
                arguments: [principal.tenantID, principal.objectID]
            )
            return db.changesCount > 0
        }
    }

    private static func policy(for principal: Principal, in db: Database) throws -> AccessPolicy? {
        let sql = PolicyRow.query + " AND tenant_id = ? AND object_id = ?"
        return try PolicyRow.fetchOne(db, sql: sql, arguments: [principal.tenantID, principal.objectID])?.policy
    }
}

private struct PolicyRow: Decodable, FetchableRecord {
    static let query = """
        SELECT tenant_id AS tenantID, object_id AS objectID, permissions FROM access_policy WHERE resource = ''
        """

    let tenantID: String
    let objectID: String
    let permissions: String

    /// A name that this version does not know grants nothing.
    var policy: AccessPolicy {
        let permissions = self.permissions.split(separator: ",").compactMap { Permission(name: String($0)) }
        return AccessPolicy(
            principal: Principal(tenantID: self.tenantID, objectID: self.objectID),
            permissions: Permission(permissions)
        )
    }
}
