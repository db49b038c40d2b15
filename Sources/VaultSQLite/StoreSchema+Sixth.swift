extension StoreSchema {
    static let sixth = """
        -- The store's `last_version` when it was made: what was given out since bounds how many values it has sealed.
        ALTER TABLE dek ADD COLUMN first_version INTEGER NOT NULL DEFAULT 0;

        -- The key that wraps the data keys, where a Key Vault wraps that: its ciphertext, and by which key there.
        ALTER TABLE store ADD COLUMN wrapped_key BLOB;
        ALTER TABLE store ADD COLUMN wrapping_key TEXT;

        -- What the file beside the database says, too, as long as this is no copy; NULL until there is such a file.
        ALTER TABLE store ADD COLUMN marker TEXT;
        -- How many requests with refresh tokens were about to be sent.
        ALTER TABLE store ADD COLUMN armed INTEGER NOT NULL DEFAULT 0;
        """
}
