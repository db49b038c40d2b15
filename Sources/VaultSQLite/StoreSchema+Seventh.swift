extension StoreSchema {
    static let seventh = """
        -- By what the web server's log knows the request; NULL for what the vault did by itself.
        ALTER TABLE audit ADD COLUMN request BLOB;

        -- Where an entry stands: its chain, its number there, and its code. NULL in entries from before they were chained.
        ALTER TABLE audit ADD COLUMN chain INTEGER;
        ALTER TABLE audit ADD COLUMN seq INTEGER;
        ALTER TABLE audit ADD COLUMN mac BLOB;

        -- The key of the codes, sealed, and the first entry that has one.
        CREATE TABLE audit_key (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            version INTEGER NOT NULL,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL,
            first_id INTEGER NOT NULL
        ) STRICT;

        -- A chain for each process that writes at the same time, and its last entry.
        CREATE TABLE audit_chain (
            id INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            seq INTEGER NOT NULL,
            mac BLOB NOT NULL
        ) STRICT;

        -- Which entries of a chain were pruned, signed.
        CREATE TABLE audit_checkpoint (
            chain INTEGER NOT NULL,
            first_seq INTEGER NOT NULL,
            last_seq INTEGER NOT NULL,
            before_mac BLOB NOT NULL,
            after_mac BLOB NOT NULL,
            mac BLOB NOT NULL,
            PRIMARY KEY (chain, first_seq)
        ) STRICT;

        CREATE TRIGGER audit_is_chained BEFORE INSERT ON audit
        WHEN NEW.mac IS NULL AND EXISTS (SELECT 1 FROM audit_key)
        BEGIN SELECT RAISE(ABORT, 'the audit is chained'); END;
        """
}
