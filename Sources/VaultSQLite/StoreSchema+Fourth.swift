extension StoreSchema {
    static let fourth = """
        -- The version of a token's credential once more, sealed: an old credential that is put back with its version does not
        -- fit it.
        CREATE TABLE credential_counter (
            token_id INTEGER PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL
        ) STRICT;

        -- It follows from the hashes of credential and service, and hid what else was wrong.
        UPDATE token SET problem = NULL WHERE problem = 'ServiceChanged';
        """
}
