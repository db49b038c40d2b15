import GRDB
package import VaultCore

extension StoreRestoration {
    /// What differs between the store that is there and the backup; nil when there is none.
    ///
    /// The store that is there is read and not changed, whichever version made it.
    ///
    /// - Throws: ``StoreError`` when it cannot be read.
    package func difference() async throws -> StoreDifference? {
        let database = self.database
        guard FileIdentity(path: database) != nil else { return nil }
        let replaced = try await SQLiteStore.performBlocking {
            do {
                var configuration = Configuration()
                configuration.readonly = true
                let queue = try DatabaseQueue(path: database, configuration: configuration)
                defer { try? queue.close() }
                return try queue.read { try StoreInventory($0) }
            } catch let error as DatabaseError {
                throw StoreError(error)
            } catch {
                // Damaged, or of another program; what it describes itself with may have what is in the row.
                throw StoreError(.failed, "The store cannot be used: it holds what no store does.")
            }
        }
        return StoreDifference(from: replaced, to: try await self.store.read { try StoreInventory($0) })
    }
}

extension StoreInventory {
    /// With what the tables of all versions have.
    fileprivate init(_ db: Database) throws {
        let tokens = try Row.fetchAll(
            db,
            sql: "SELECT service.name AS service, token.name FROM token JOIN service ON service.id = service_id"
        )
        let policies = try Row.fetchAll(
            db,
            sql: "SELECT resource, tenant_id, object_id, permissions FROM access_policy"
        )
        self.init(
            services: try String.fetchSet(db, sql: "SELECT name FROM service"),
            tokens: Set(
                try tokens.map { row in
                    TokenKey(service: try row.decode(forColumn: "service"), token: try row.decode(forColumn: "name"))
                }
            ),
            policies: try policies.compactMap { row in
                guard let resource = Resource(path: try row.decode(forColumn: "resource")) else { return nil }
                return AccessPolicy(
                    name: "",
                    resource: resource,
                    principal: Principal(
                        tenantID: try row.decode(forColumn: "tenant_id"),
                        objectID: try row.decode(forColumn: "object_id")
                    ),
                    permissions: Permission(names: try row.decode(forColumn: "permissions"))
                )
            }
        )
    }
}
