import GRDB

/// The tables, and how an older database becomes the current one.
///
/// A migration that was released is never edited; a change is a new one at the end.
enum StoreSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 store, services, tokens, credentials, policies, audit") { db in
            try db.execute(sql: self.first)
        }
        migrator.registerMigration("2 pruning of the audit, room for it") { db in
            try db.execute(sql: self.second)
        }
        migrator.registerMigration("3 login, renewal, policies on resources") { db in
            try db.execute(sql: self.third)
        }
        migrator.registerMigration("4 counters of credentials") { db in
            try db.execute(sql: self.fourth)
        }
        migrator.registerMigration("5 when somebody logged in") { db in
            try db.execute(sql: self.fifth)
        }
        migrator.registerMigration("6 rotation of keys, copies of the store") { db in
            try db.execute(sql: self.sixth)
        }
        migrator.registerMigration("7 chains of the audit") { db in
            try db.execute(sql: self.seventh)
        }
        migrator.registerMigration("8 webhooks") { db in
            try db.execute(sql: self.eighth)
        }
        migrator.registerMigration("9 tokens that wait for their first login") { db in
            try db.execute(sql: self.ninth)
        }
        migrator.registerMigration("10 where the chains of the audit began") { db in
            try db.execute(sql: self.tenth)
        }
        migrator.registerMigration("11 moves to another database") { db in
            try db.execute(sql: self.eleventh)
        }
        migrator.registerMigration("12 grants that other stores use, which copy set grants aside") { db in
            try db.execute(sql: self.twelfth)
        }
        return migrator
    }

    // Times are whole seconds since 1970, UTC. STRICT: a column holds what it says, so a damaged row cannot surprise.
    private static let first = """
        CREATE TABLE store (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL,
            key_check_nonce BLOB NOT NULL,
            key_check_ciphertext BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE dek (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kid TEXT NOT NULL UNIQUE,
            nonce BLOB NOT NULL,
            ciphertext BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE service (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            provider TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE token (
            id INTEGER PRIMARY KEY,
            service_id INTEGER NOT NULL REFERENCES service (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            display_name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (service_id, name)
        ) STRICT;

        CREATE TABLE credential (
            token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
            field TEXT NOT NULL,
            version INTEGER NOT NULL,
            kid TEXT NOT NULL REFERENCES dek (kid),
            nonce BLOB NOT NULL,
            ciphertext BLOB NOT NULL,
            expires_on INTEGER,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (token_id, field)
        ) STRICT;

        -- resource: '' is the whole store, the only one that policies are made for yet.
        CREATE TABLE access_policy (
            id INTEGER PRIMARY KEY,
            tenant_id TEXT NOT NULL,
            object_id TEXT NOT NULL,
            resource TEXT NOT NULL DEFAULT '',
            permissions TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (tenant_id, object_id, resource)
        ) STRICT;

        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            tenant_id TEXT NOT NULL,
            object_id TEXT NOT NULL,
            action TEXT NOT NULL,
            service TEXT NOT NULL,
            token TEXT NOT NULL,
            outcome TEXT NOT NULL
        ) STRICT;

        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """

    private static let second = """
        ALTER TABLE audit ADD COLUMN detail TEXT NOT NULL DEFAULT '';

        -- Has a row only inside of a transaction that prunes the audit.
        CREATE TABLE audit_pruning (before INTEGER NOT NULL) STRICT;

        DROP TRIGGER audit_is_not_deleted;

        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        WHEN NOT EXISTS (SELECT 1 FROM audit_pruning WHERE OLD.at < before AND OLD.action <> 'pruneAudit')
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

        -- Has a row only while pages are added to the database file.
        CREATE TABLE padding (bytes BLOB NOT NULL) STRICT;
        """
}
