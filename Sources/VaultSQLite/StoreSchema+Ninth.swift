extension StoreSchema {
    static let ninth = """
        -- Until when somebody has to have logged in for a token that was made for a login; NULL: it stays whatever happens.
        ALTER TABLE token ADD COLUMN unsaved_until INTEGER;
        CREATE INDEX token_unsaved ON token (unsaved_until) WHERE unsaved_until IS NOT NULL;
        """
}
