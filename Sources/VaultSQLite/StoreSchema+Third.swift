extension StoreSchema {
    // Secrets are in columns `sealed`, `access_token`, `refresh_token` and `extra_values`: nonce, ciphertext and tag in one.
    static let third = """
        -- Numbers for sealed values, each given out once, so that none is taken for a later one of the same place.
        ALTER TABLE store ADD COLUMN last_version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE store ADD COLUMN return_urls TEXT NOT NULL DEFAULT '[]';
        UPDATE store SET last_version = (SELECT coalesce(max(version), 0) FROM credential);

        ALTER TABLE service ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
        ALTER TABLE service ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE service ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE service ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE service ADD COLUMN token_parameters TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE service ADD COLUMN return_urls TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE service ADD COLUMN config_hash TEXT NOT NULL DEFAULT '';
        ALTER TABLE service ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
        UPDATE service SET changed_at = created_at;

        CREATE TABLE service_secret (
            version INTEGER PRIMARY KEY,
            service_id INTEGER NOT NULL REFERENCES service (id) ON DELETE CASCADE,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX service_secret_of_service ON service_secret (service_id);

        ALTER TABLE token ADD COLUMN return_urls TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE token ADD COLUMN problem TEXT;
        ALTER TABLE token ADD COLUMN account_subject TEXT;
        ALTER TABLE token ADD COLUMN account_label TEXT;
        -- The number that the parts of its credential are sealed with; a credential that was put back has another one.
        ALTER TABLE token ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
        UPDATE token SET version = coalesce((SELECT version FROM credential WHERE token_id = token.id), 0);

        CREATE TABLE credential_3 (
            token_id INTEGER PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
            kid TEXT NOT NULL REFERENCES dek (kid),
            -- 0: sealed when the columns beside it were not a part of its place yet.
            is_bound INTEGER NOT NULL,
            access_token BLOB NOT NULL,
            refresh_token BLOB,
            extra_values BLOB,
            expires_on INTEGER,
            refresh_expires_on INTEGER,
            refresh_digest BLOB,
            scopes TEXT,
            config_hash TEXT NOT NULL,
            -- 1: the refresh token came another way than by a login here, so that others may have it too.
            is_imported INTEGER NOT NULL DEFAULT 0,
            updated_at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO credential_3 (token_id, kid, is_bound, access_token, expires_on, config_hash, updated_at)
            SELECT token_id, kid, 0, CAST(nonce || ciphertext AS BLOB), expires_on, '', updated_at
            FROM credential WHERE field = 'accessToken';
        DROP TABLE credential;
        ALTER TABLE credential_3 RENAME TO credential;
        -- What the background sweep looks for.
        CREATE INDEX credential_by_expiry ON credential (expires_on) WHERE refresh_token IS NOT NULL;

        -- Who renews a token just now. Times are milliseconds since a boot of the machine, which is named beside them.
        CREATE TABLE renewal (
            token_id INTEGER PRIMARY KEY REFERENCES token (id) ON DELETE CASCADE,
            owner TEXT,
            epoch INTEGER NOT NULL,
            until_boot TEXT,
            until_ms INTEGER,
            phase TEXT NOT NULL,
            version INTEGER NOT NULL,
            presented_digest BLOB,
            armed_boot TEXT,
            armed_ms INTEGER,
            lost_answers INTEGER NOT NULL,
            failures INTEGER NOT NULL,
            retry_boot TEXT,
            retry_ms INTEGER,
            -- The provider's answer, as long as nobody has read it.
            answer BLOB,
            answer_kid TEXT REFERENCES dek (kid),
            answer_version INTEGER
        ) STRICT;
        CREATE INDEX renewal_under_way ON renewal (phase) WHERE phase <> 'idle';

        -- Answers that came too late to be used; they outlive their tokens.
        CREATE TABLE quarantine (
            version INTEGER PRIMARY KEY,
            service TEXT NOT NULL,
            token TEXT NOT NULL,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE pending_login (
            state_hash BLOB PRIMARY KEY,
            token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
            cookie_hash BLOB NOT NULL,
            return_url TEXT NOT NULL,
            redirect_uri TEXT NOT NULL,
            config_hash TEXT NOT NULL,
            version INTEGER NOT NULL,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pending_login_by_expiry ON pending_login (expires_at);
        CREATE INDEX pending_login_of_token ON pending_login (token_id);

        CREATE TABLE pending_credential (
            code_hash BLOB PRIMARY KEY,
            token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
            account_subject TEXT,
            account_label TEXT,
            version INTEGER NOT NULL,
            kid TEXT NOT NULL REFERENCES dek (kid),
            sealed BLOB NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX pending_credential_by_expiry ON pending_credential (expires_at);
        CREATE INDEX pending_credential_of_token ON pending_credential (token_id);

        CREATE TABLE access_policy_3 (
            id INTEGER PRIMARY KEY,
            -- '' is the whole store; else 'services/NAME' or 'services/NAME/tokens/NAME'.
            resource TEXT NOT NULL,
            name TEXT NOT NULL,
            tenant_id TEXT NOT NULL,
            object_id TEXT NOT NULL,
            permissions TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (resource, name)
        ) STRICT;
        INSERT INTO access_policy_3
            SELECT id, resource, 'policy-' || id, tenant_id, object_id, permissions, created_at FROM access_policy;
        DROP TABLE access_policy;
        ALTER TABLE access_policy_3 RENAME TO access_policy;
        CREATE INDEX access_policy_of_principal ON access_policy (tenant_id, object_id, resource);
        """
}
