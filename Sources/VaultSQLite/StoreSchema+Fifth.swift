extension StoreSchema {
    static let fifth = """
        -- When somebody logged in for it; NULL for a credential that came another way, or before this was kept.
        ALTER TABLE token ADD COLUMN logged_in_at INTEGER;
        """
}
