import Foundation

/// Finds variables that look like settings of the servers, and are none.
package enum SettingNames {
    /// Every setting of the page and of the vault: one environment file may serve both.
    private static let known = [
        "TOKEN_VAULT_URL", "TOKEN_VAULT_RESOURCE", "TOKEN_VAULT_TIMEOUT", "TOKEN_VAULT_MAX_CALLS",
        "TOKEN_VAULT_SHARE_CALLS", "TOKEN_PAGE_TEMPLATES", "TOKEN_PAGE_DOCS_URL", "TOKEN_PAGE_SECRET",
        "TOKEN_PAGE_LOGIN", "TOKEN_PAGE_SESSION_KEY_FILE", "TOKEN_PAGE_PUBLIC_URL", "TOKEN_PAGE_EGRESS",
        "TOKEN_PAGE_CREDENTIALS",
        "TOKEN_VAULT_STORE", "TOKEN_VAULT_STATE_DIRECTORY", "TOKEN_VAULT_POSTGRES_SCHEMA",
        "TOKEN_VAULT_POSTGRES_CONNECTIONS", "TOKEN_VAULT_POSTGRES_POOLER", "TOKEN_VAULT_POSTGRES_PASSWORD_FILE",
        "TOKEN_VAULT_POSTGRES_DEADLINE",
        "TOKEN_VAULT_KEY_FILE", "TOKEN_VAULT_ISSUERS", "TOKEN_VAULT_AUDIENCES",
        "TOKEN_VAULT_PUBLIC_URL", "TOKEN_VAULT_AUDIT", "TOKEN_VAULT_WEBHOOK_URL", "TOKEN_VAULT_WEBHOOK_SECRET_FILE",
        "TOKEN_VAULT_RATE_PRINCIPAL", "TOKEN_VAULT_RATE_TOKEN", "TOKEN_VAULT_VERIFIED_TOKENS",
        "TOKEN_VAULT_RATE_BROWSER", "TOKEN_VAULT_MAX_SERVICES", "TOKEN_VAULT_MAX_TOKENS",
        "TOKEN_VAULT_METRICS_ADDRESSES", "TOKEN_PAGE_METRICS_ADDRESSES",
        "TOKEN_VAULT_AUDIT_DAYS", "TOKEN_VAULT_PROVIDERS", "TOKEN_VAULT_CA_FILE",
        "TOKEN_VAULT_KEY_DAYS", "TOKEN_VAULT_KEY_VAULT_KEY",
        "TOKEN_VAULT_ALLOWED_ADDRESSES", "TOKEN_VAULT_CONFIRMATION_PAGE", "TOKEN_VAULT_LOCAL_PROVIDER", "MAX_IN_FLIGHT",
        "LOG_LEVEL", "tokenResourceUrl",
    ]

    /// A sentence about each variable that is not a setting although it is named like one, in the order of names.
    package static func warnings(environment: [String: String]) -> [String] {
        environment.keys.filter { !self.known.contains($0) }.sorted().compactMap { name in
            let plain = self.plain(name)
            if let same = self.known.first(where: { self.plain($0) == plain }) {
                return "The variable \(name) is not a setting; is \(same) meant?"
            }
            guard ["TOKEN_VAULT_", "TOKEN_PAGE_"].contains(where: { name.uppercased().hasPrefix($0) }) else {
                return nil
            }
            let nearest = self.known.min { self.distance($0, name) < self.distance($1, name) }
            guard let nearest, self.distance(nearest, name) <= 3 else {
                return "The variable \(name) is not a setting."
            }
            return "The variable \(name) is not a setting; is \(nearest) meant?"
        }
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// How many characters have to be changed, added or taken away to make one name the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (index, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substitution = diagonal + (right[column] == byte ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
