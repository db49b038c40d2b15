extension StoreSchema {
    static let eleventh = """
        -- Where the store has gone: from then on it is not used from here.
        ALTER TABLE store ADD COLUMN moved_to TEXT;
        -- Where it comes from, as long as it may not be used from here yet.
        ALTER TABLE store ADD COLUMN incoming TEXT;
        -- The move by which it came, or has gone.
        ALTER TABLE store ADD COLUMN move_id TEXT;
        """
}
