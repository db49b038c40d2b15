import GRDB
package import VaultCore

extension SQLiteStore {
    package func permissions(of principal: Principal, on resource: Resource) async throws -> Permission {
        try await self.read { try Self.permissions(of: principal, on: resource, in: $0) }
    }

    /// By how many resources are asked about: every read begins with one.
    private static let permissionQueries = (1...3).map { count in
        """
        SELECT permissions FROM access_policy
        WHERE tenant_id = ? AND object_id = ? AND resource IN (\(Array(repeating: "?", count: count).joined(separator: ", ")))
        """
    }

    static func permissions(of principal: Principal, on resource: Resource, in db: Database) throws -> Permission {
        let paths = resource.inherited.map(\.path)
        var permissions: Permission = []
        try PreparedStatement(self.permissionQueries[paths.count - 1], in: db).run(
            setArguments: {
                try $0.set(1, principal.tenantID)
                try $0.set(2, principal.objectID)
                for (index, path) in paths.enumerated() { try $0.set(3 + index, path) }
            },
            row: { permissions.formUnion(Permission(names: $0.text(0) ?? "")) }
        )
        return permissions
    }

    package func policies(of principal: Principal) async throws -> [AccessPolicy] {
        try await self.read { db in
            try PolicyRow.fetchAll(
                db,
                sql: "SELECT * FROM access_policy WHERE tenant_id = ? AND object_id = ? ORDER BY resource, id",
                arguments: [principal.tenantID, principal.objectID]
            ).compactMap(\.policy)
        }
    }

    package func policies(on resource: Resource?) async throws -> [AccessPolicy] {
        try await self.read { db in
            try PolicyRow.fetchAll(
                db,
                sql: """
                    SELECT * FROM access_policy WHERE ? IS NULL OR resource = ?
                    ORDER BY resource, tenant_id, object_id, name
                    """,
                arguments: [resource?.path, resource?.path]
            ).compactMap(\.policy)
        }
    }

    package func putPolicy(_ policy: AccessPolicy) async throws -> Bool? {
        try await self.write { [now = self.timestamp] db in
            guard try Self.exists(policy.resource, in: db) else {
                return nil
            }
            try db.execute(
                sql:
                    "UPDATE access_policy SET tenant_id = ?, object_id = ?, permissions = ? WHERE resource = ? AND name = ?",
                arguments: [
                    policy.principal.tenantID, policy.principal.objectID, policy.permissions.text, policy.resource.path,
                    policy.name,
                ]
            )
            guard db.changesCount == 0 else {
                return false
            }
            try Self.insert(policy, at: now, in: db)
            return true
        }
    }

    package func deletePolicy(_ name: String, on resource: Resource) async throws -> Bool {
        try await self.write { db in
            try db.execute(
                sql: "DELETE FROM access_policy WHERE resource = ? AND name = ?",
                arguments: [resource.path, name]
            )
            return db.changesCount > 0
        }
    }

    package func grant(
        _ permissions: Permission,
        to principal: Principal,
        on resource: Resource
    ) async throws -> AccessPolicy? {
        try await self.write { [now = self.timestamp] db in
            guard try Self.exists(resource, in: db) else {
                return nil
            }
            let present = try PolicyRow.fetchOne(
                db,
                sql: """
                    SELECT * FROM access_policy WHERE resource = ? AND tenant_id = ? AND object_id = ? ORDER BY id
                    """,
                arguments: [resource.path, principal.tenantID, principal.objectID]
            )
            if let present, let held = present.policy {
                let policy = AccessPolicy(
                    name: held.name,
                    resource: resource,
                    principal: principal,
                    permissions: held.permissions.union(permissions)
                )
                try db.execute(
                    sql: "UPDATE access_policy SET permissions = ? WHERE id = ?",
                    arguments: [policy.permissions.text, present.id]
                )
                return policy
            }
            let policy = AccessPolicy(
                name: try Self.freeName(on: resource, in: db),
                resource: resource,
                principal: principal,
                permissions: permissions
            )
            try Self.insert(policy, at: now, in: db)
            return policy
        }
    }

    package func revoke(_ principal: Principal, on resource: Resource?) async throws -> Bool {
        try await self.write { db in
            try db.execute(
                sql: """
                    DELETE FROM access_policy
                    WHERE tenant_id = ? AND object_id = ? AND (? IS NULL OR resource = ?)
                    """,
                arguments: [principal.tenantID, principal.objectID, resource?.path, resource?.path]
            )
            return db.changesCount > 0
        }
    }

    package func returnURLs() async throws -> [String] {
        try await self.read { db in
            let text = try String.fetchOne(db, sql: "SELECT return_urls FROM store") ?? "[]"
            return try Self.list(text)
        }
    }

    package func setReturnURLs(_ urls: [String]) async throws {
        try await self.write { try $0.execute(sql: "UPDATE store SET return_urls = ?", arguments: [Self.json(urls)]) }
    }

    /// Policies of what is gone must not be there for whatever gets its name.
    static func deletePolicies(below resource: Resource, in db: Database) throws {
        // '0' is the character behind '/'.
        try db.execute(
            sql: "DELETE FROM access_policy WHERE resource = ? OR (resource > ? AND resource < ?)",
            arguments: [resource.path, resource.path + "/", resource.path + "0"]
        )
    }

    private static func exists(_ resource: Resource, in db: Database) throws -> Bool {
        switch resource {
        case .store: true
        case .service(let name): try self.serviceID(name, in: db) != nil
        case .token(let service, let name): try TokenRow.fetchOne(service: service, name: name, in: db) != nil
        }
    }

    private static func insert(_ policy: AccessPolicy, at now: Int64, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO access_policy (resource, name, tenant_id, object_id, permissions, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                policy.resource.path, policy.name, policy.principal.tenantID, policy.principal.objectID,
                policy.permissions.text, now,
            ]
        )
    }

    /// A name for a policy that was made without one.
    private static func freeName(on resource: Resource, in db: Database) throws -> String {
        let last = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM access_policy") ?? 0
        var number = last &+ 1
        let sql = "SELECT count(*) FROM access_policy WHERE resource = ? AND name = ?"
        while try Int.fetchOne(db, sql: sql, arguments: [resource.path, "policy-\(number)"]) != 0 {
            number &+= 1
        }
        return "policy-\(number)"
    }
}

private struct PolicyRow: Decodable, FetchableRecord {
    let id: Int64
    let resource: String
    let name: String
    let tenantID: String
    let objectID: String
    let permissions: String

    private enum CodingKeys: String, CodingKey {
        case id, resource, name, permissions
        case tenantID = "tenant_id"
        case objectID = "object_id"
    }

    /// Nil for a resource of a kind that this version does not know.
    var policy: AccessPolicy? {
        Resource(path: self.resource).map {
            AccessPolicy(
                name: self.name,
                resource: $0,
                principal: Principal(tenantID: self.tenantID, objectID: self.objectID),
                permissions: Permission(names: self.permissions)
            )
        }
    }
}

extension Permission {
    /// A name that this version does not know grants nothing.
    init(names: String) {
        self.init(names.split(separator: ",").compactMap { Permission(name: String($0)) })
    }

    fileprivate var text: String { self.names.joined(separator: ",") }
}
