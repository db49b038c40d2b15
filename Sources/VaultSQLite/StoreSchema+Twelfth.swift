extension StoreSchema {
    static let twelfth = """
        -- Why another store may use the same grant, 'export' or 'copy': it is not ended at its provider from here.
        ALTER TABLE token ADD COLUMN shared TEXT;
        -- How many times grants were set aside, and which time it was for a token that says so.
        ALTER TABLE store ADD COLUMN set_asides INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE token ADD COLUMN set_aside INTEGER NOT NULL DEFAULT 0;
        """
}
