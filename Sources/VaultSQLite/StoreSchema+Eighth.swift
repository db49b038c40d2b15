extension StoreSchema {
    static let eighth = """
        -- Messages about tokens, until whoever has to know of them has taken them.
        CREATE TABLE webhook (
            id TEXT PRIMARY KEY,
            body BLOB NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX webhook_by_due ON webhook (due_at);

        -- Which tokens were said to expire, and when: each is said once.
        CREATE TABLE webhook_said (
            once TEXT PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) STRICT;
        """
}
