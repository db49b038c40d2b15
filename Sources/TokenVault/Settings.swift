import AsyncHTTPTransport
import Foundation
import ProgramSupport
import ServerCommand
import VaultAPI
import VaultCore

/// What the server needs beyond the store.
struct Settings: Sendable {
    static let defaultAudience = "https://tokenvault.azure.net"

    let store: StoreSettings
    let issuers: [IssuerURL]
    let audiences: [String]
    /// The address that callers know the vault by, without a slash at the end; nil to use the one they asked for.
    let publicURL: String?
    let maxInFlight: Int?
    /// Whether people may save a login on a page of the vault, where no address is allowed to go back to: for development.
    let hasConfirmationPage: Bool
    /// Whether an entry of the audit is on the disk before the answer, or soon after.
    let audit: AuditDurability
    let limits: LimitSettings
    /// Whom to tell what happens to tokens; nil for nobody.
    let webhooks: WebhookSettings?
    /// From where the metrics may be read.
    let metrics: MetricsAccess
    let providerAccess: ProviderAccess
    let providers: ProviderCatalog
    let keyRotation: KeyRotationPolicy

    init(environment: [String: String]) throws {
        self.store = try StoreSettings(environment: environment)
        self.issuers = try AcceptedIssuers.read(Self.list("TOKEN_VAULT_ISSUERS", in: environment))
        let audiences = try Self.list("TOKEN_VAULT_AUDIENCES", in: environment)
        self.audiences = audiences.isEmpty ? [Self.defaultAudience] : audiences
        self.publicURL = try Self.publicURL(in: environment)
        self.maxInFlight = try Self.maxInFlight(in: environment)
        self.hasConfirmationPage = try SettingsReader(environment: environment)
            .boolean("TOKEN_VAULT_CONFIRMATION_PAGE", default: false)
        self.audit = try Self.audit(in: environment)
        self.webhooks = try WebhookSettings(environment: environment)
        self.limits = try LimitSettings(environment: environment)
        self.metrics = try MetricsAccess(variable: "TOKEN_VAULT_METRICS_ADDRESSES", environment: environment)
        self.providerAccess = try ProviderAccess(environment: environment)
        self.providers = try ProviderSettings.catalog(environment: environment)
        self.keyRotation = try Self.keyRotation(in: environment)
    }

    /// Authorities besides those of the machine that a server's certificate may come from.
    var trusted: TrustedCertificates { self.providerAccess.trusted }

    private static func list(_ name: String, in environment: [String: String]) throws -> [String] {
        let entries = (environment[name] ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
        for entry in entries {
            guard !entry.contains(where: \.isWhitespace) else {
                throw ConfigurationError(
                    "\(name) holds \"\(entry)\", with white space in it: separate its entries by commas."
                )
            }
            guard !Self.isPlaceholder(entry) else {
                throw ConfigurationError(
                    "\(name) holds \"\(entry)\": put the real value in the place of the placeholder."
                )
            }
        }
        return entries
    }

    /// What examples write where an id belongs: `TENANT-ID`, `<tenant>`, `{tenantid}`.
    private static func isPlaceholder(_ entry: String) -> Bool {
        entry.contains { "<>{}$".contains($0) }
            || entry.split(whereSeparator: { "/:.".contains($0) }).contains { word in
                word.hasSuffix("-ID") && word.allSatisfy { $0.isUppercase || $0 == "-" }
            }
    }

    private static func publicURL(in environment: [String: String]) throws -> String? {
        guard let text = environment["TOKEN_VAULT_PUBLIC_URL"], !text.isEmpty else {
            return nil
        }
        guard
            let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host()?.isEmpty == false, url.user() == nil, url.query == nil, url.fragment == nil
        else {
            throw ConfigurationError(
                "TOKEN_VAULT_PUBLIC_URL is not the URL of a site: give scheme and host, "
                    + "for example https://vault.example.com."
            )
        }
        return IssuerURL.withoutTrailingSlash(text)
    }

    private static func audit(in environment: [String: String]) throws -> AuditDurability {
        guard let text = environment["TOKEN_VAULT_AUDIT"], !text.isEmpty else { return .sync }
        guard let durability = AuditDurability(rawValue: text) else {
            throw ConfigurationError("TOKEN_VAULT_AUDIT is neither sync nor batched.")
        }
        return durability
    }

    private static func keyRotation(in environment: [String: String]) throws -> KeyRotationPolicy {
        guard let text = environment["TOKEN_VAULT_KEY_DAYS"], !text.isEmpty else { return KeyRotationPolicy() }
        guard let days = Int(text), (1...3_650).contains(days) else {
            throw ConfigurationError("TOKEN_VAULT_KEY_DAYS is not a number of days from 1 to 3650.")
        }
        return KeyRotationPolicy(maxAge: .seconds(days * 86_400))
    }

    private static func maxInFlight(in environment: [String: String]) throws -> Int? {
        guard let text = environment["MAX_IN_FLIGHT"], !text.isEmpty else {
            return nil
        }
        guard let number = Int(text), (1...1_000_000).contains(number) else {
            throw ConfigurationError("MAX_IN_FLIGHT is not a number from 1 to 1000000.")
        }
        return number
    }
}
