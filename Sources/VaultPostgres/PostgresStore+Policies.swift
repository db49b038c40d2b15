package import VaultCore

extension PostgresStore {
    package func permissions(of principal: Principal, on resource: Resource) async throws -> Permission {
        let paths = resource.inherited.map(\.path)
        // The same statement for each depth, which is prepared once.
        let padded = (0..<3).map { $0 < paths.count ? paths[$0] : paths[0] }
        return try await self.database.query { db in
            try db.rows(
                """
                SELECT permissions FROM access_policy
                WHERE tenant_id = $1 AND object_id = $2 AND resource IN ($3, $4, $5)
                """,
                [principal.tenantID, principal.objectID, padded[0], padded[1], padded[2]]
            ).reduce(into: []) { $0.formUnion(Permission(names: try $1["permissions"])) }
        }
    }

    package func policies(of principal: Principal) async throws -> [AccessPolicy] {
        try await self.database.query { db in
            try db.rows(
                "SELECT * FROM access_policy WHERE tenant_id = $1 AND object_id = $2 ORDER BY resource, id",
                [principal.tenantID, principal.objectID]
            ).compactMap(AccessPolicy.init)
        }
    }

    package func policies(on resource: Resource?) async throws -> [AccessPolicy] {
        try await self.database.query { db in
            try db.rows(
                """
                SELECT * FROM access_policy WHERE $1::text IS NULL OR resource = $1
                ORDER BY resource, tenant_id, object_id, name
                """,
                [resource?.path]
            ).compactMap(AccessPolicy.init)
        }
    }

    package func putPolicy(_ policy: AccessPolicy) async throws -> Bool? {
        try await self.database.write { [now = self.timestamp] db in
            guard try Self.exists(policy.resource, in: db) else { return nil }
            let count = try db.execute(
                """
                UPDATE access_policy SET tenant_id = $1, object_id = $2, permissions = $3
                WHERE resource = $4 AND name = $5
                """,
                [
                    policy.principal.tenantID, policy.principal.objectID, policy.permissions.text, policy.resource.path,
                    policy.name,
                ]
            )
            guard count == 0 else { return false }
            try Self.insert(policy, at: now, in: db)
            return true
        }
    }

    package func deletePolicy(_ name: String, on resource: Resource) async throws -> Bool {
        try await self.database.write { db in
            try db.execute("DELETE FROM access_policy WHERE resource = $1 AND name = $2", [resource.path, name]) > 0
        }
    }

    package func grant(
        _ permissions: Permission,
        to principal: Principal,
        on resource: Resource
    ) async throws -> AccessPolicy? {
        try await self.database.write { [now = self.timestamp] db in
            guard try Self.exists(resource, in: db) else { return nil }
            // Two who grant at once make one policy, and no name is taken twice; readers go on.
            try db.execute("LOCK TABLE access_policy IN SHARE ROW EXCLUSIVE MODE")
            let present = try db.row(
                "SELECT * FROM access_policy WHERE resource = $1 AND tenant_id = $2 AND object_id = $3 ORDER BY id LIMIT 1",
                [resource.path, principal.tenantID, principal.objectID]
            )
            if let present, let held = try AccessPolicy(present) {
                let policy = AccessPolicy(
                    name: held.name,
                    resource: resource,
                    principal: principal,
                    permissions: held.permissions.union(permissions)
                )
                try db.execute(
                    "UPDATE access_policy SET permissions = $1 WHERE id = $2",
                    [policy.permissions.text, try present["id"] as Int64]
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
        try await self.database.write { db in
            try db.execute(
                """
                DELETE FROM access_policy
                WHERE tenant_id = $1 AND object_id = $2 AND ($3::text IS NULL OR resource = $3)
                """,
                [principal.tenantID, principal.objectID, resource?.path]
            ) > 0
        }
    }

    package func returnURLs() async throws -> [String] {
        try await self.database.query { db in
            try Self.value(ofJSON: db.value("SELECT return_urls AS value FROM store") ?? "[]")
        }
    }

    package func setReturnURLs(_ urls: [String]) async throws {
        try await self.database.write { _ = try $0.execute("UPDATE store SET return_urls = $1", [Self.json(urls)]) }
    }

    /// Policies of what is gone must not be there for whatever gets its name.
    static func deletePolicies(below resource: Resource, in db: PostgresTransaction) throws {
        // '0' is the character behind '/'.
        try db.execute(
            "DELETE FROM access_policy WHERE resource = $1 OR (resource > $2 AND resource < $3)",
            [resource.path, resource.path + "/", resource.path + "0"]
        )
    }

    /// Whether a resource is there; it is until the transaction ends.
    private static func exists(_ resource: Resource, in db: PostgresTransaction) throws -> Bool {
        switch resource {
        case .store: true
        case .service(let name): try self.serviceID(name, locking: "FOR KEY SHARE", in: db) != nil
        case .token(let service, let name):
            try db.exists(
                """
                SELECT 1 FROM token WHERE name = $2 AND service_id = (SELECT id FROM service WHERE name = $1)
                FOR KEY SHARE
                """,
                [service, name]
            )
        }
    }

    private static func insert(_ policy: AccessPolicy, at now: Int64, in db: PostgresTransaction) throws {
        try db.execute(
            """
            INSERT INTO access_policy (resource, name, tenant_id, object_id, permissions, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                policy.resource.path, policy.name, policy.principal.tenantID, policy.principal.objectID,
                policy.permissions.text, now,
            ]
        )
    }

    /// A name for a policy that was made without one.
    private static func freeName(on resource: Resource, in db: PostgresTransaction) throws -> String {
        let last: Int64 = try db.value("SELECT max(id) AS value FROM access_policy") ?? 0
        var number = last &+ 1
        let taken = "SELECT 1 FROM access_policy WHERE resource = $1 AND name = $2"
        while try db.exists(taken, [resource.path, "policy-\(number)"]) { number &+= 1 }
        return "policy-\(number)"
    }
}

extension AccessPolicy {
    /// Nil for a resource of a kind that this version does not know.
    fileprivate init?(_ row: PostgresRow) throws {
        guard let resource = Resource(path: try row["resource"]) else { return nil }
        self.init(
            name: try row["name"],
            resource: resource,
            principal: Principal(tenantID: try row["tenant_id"], objectID: try row["object_id"]),
            permissions: Permission(names: try row["permissions"])
        )
    }
}

extension Permission {
    /// A name that this version does not know grants nothing.
    init(names: String) {
        self.init(names.split(separator: ",").compactMap { Permission(name: String($0)) })
    }

    fileprivate var text: String { self.names.joined(separator: ",") }
}
