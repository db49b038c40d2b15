extension StoreSchema {
    static let tenth = """
        -- The last entry of the audit from before it was chained; NULL as long as it is not, -1 once the key of that was lost.
        ALTER TABLE store ADD COLUMN chained_after INTEGER;
        UPDATE store SET chained_after = (SELECT first_id - 1 FROM audit_key);
        """
}
