import Foundation
import ProgramSupport
import ServerCommand
import TokenTransport
import TokenVaultHummingbird

/// What an administrator can set, all of it in the environment.
struct Settings: Sendable {
    /// Which token of the vault: `TOKEN_VAULT_URL`, or `tokenResourceUrl` as App Service samples had it.
    let token: TokenAddress
    /// The full URL of the token; where each visitor has one, of one that nobody has.
    let tokenURL: URL
    /// The variable that the URL came from, for messages about it.
    let tokenURLVariable: String
    /// What the access token is asked for: `TOKEN_VAULT_RESOURCE`.
    let resource: String
    /// How long one call to the vault may take: `TOKEN_VAULT_TIMEOUT`.
    let vaultTimeout: Duration
    /// How many calls to the vault may run at once: `TOKEN_VAULT_MAX_CALLS`.
    let maxVaultCalls: Int
    /// Whether pages that wait at the same time share a call to the vault: `TOKEN_VAULT_SHARE_CALLS`.
    let sharesVaultCalls: Bool
    /// How many pages may be in the making at once: `MAX_IN_FLIGHT`.
    let maxInFlight: Int
    /// Where the templates are, when it is said: `TOKEN_PAGE_TEMPLATES`.
    let templates: String?
    /// Where the links to troubleshooting lead: `TOKEN_PAGE_DOCS_URL`.
    let troubleshooting: Troubleshooting
    /// What a web server has to say to be answered, when there is such a thing: `TOKEN_PAGE_SECRET`.
    let webServerSecret: SharedSecret?
    /// From where the metrics may be read: `TOKEN_PAGE_METRICS_ADDRESSES`.
    let metrics: MetricsAccess
    /// What applications may do with tokens through the web server: the file that `TOKEN_PAGE_EGRESS` names.
    let egress: EgressRules?
    /// Which units of systemd get which tokens: the file that `TOKEN_PAGE_CREDENTIALS` names.
    let units: UnitRules?

    /// Whether whoever sees the page may log in and have the token forgotten: `TOKEN_PAGE_LOGIN`.
    let offersLogin: Bool
    /// Where the key of sessions is kept: `TOKEN_PAGE_SESSION_KEY_FILE`; nil for one that lives as long as the process.
    let sessionKeyFile: SessionKeyFile?
    /// Where browsers find the page: `TOKEN_PAGE_PUBLIC_URL`; nil for the address that they asked for.
    let publicURL: URL?

    static let exampleURL = "https://NAME.westcentralus.tokenvault.azure.net/services/dropbox/tokens/sampleToken"
    static let defaultResource = "https://tokenvault.azure.net"
    static let defaultTroubleshooting = "/static/troubleshooting.html"

    /// Reads and checks everything that can be checked without the network.
    ///
    /// - Throws: ``ConfigurationError`` with a sentence that names the variable.
    init(environment: [String: String]) throws {
        let reader = SettingsReader(environment: environment)
        self.tokenURLVariable =
            reader.string("TOKEN_VAULT_URL") == nil && reader.string("tokenResourceUrl") != nil
            ? "tokenResourceUrl" : "TOKEN_VAULT_URL"
        self.token = try Self.token(reader.string(self.tokenURLVariable), variable: self.tokenURLVariable)
        self.tokenURL = try Self.tokenURL(self.token, variable: self.tokenURLVariable)
        self.resource = try Self.resource(reader.string("TOKEN_VAULT_RESOURCE") ?? Self.defaultResource)
        // A page may wait for the call before its own, and with both there has to be time left for the identity.
        self.vaultTimeout = try reader.seconds("TOKEN_VAULT_TIMEOUT", in: 0.1...15, default: 10)
        self.maxVaultCalls = try reader.integer("TOKEN_VAULT_MAX_CALLS", in: 1...1_000, default: 16)
        self.sharesVaultCalls = try reader.boolean("TOKEN_VAULT_SHARE_CALLS", default: true)
        self.maxInFlight = try reader.integer("MAX_IN_FLIGHT", in: 1...100_000, default: 2_048)
        self.templates = reader.string("TOKEN_PAGE_TEMPLATES")
        self.troubleshooting = try Self.troubleshooting(
            reader.string("TOKEN_PAGE_DOCS_URL") ?? Self.defaultTroubleshooting
        )
        self.webServerSecret = try Self.webServerSecret(reader.string(WebServerSecret.name))
        // Who sees everybody's token may not change it for that; a token of one's own is of no use otherwise.
        self.offersLogin = try reader.boolean("TOKEN_PAGE_LOGIN", default: self.token.owner != .everybody)
        self.sessionKeyFile = SessionKeySetting.file(environment: environment)
        self.publicURL = try Self.publicURL(reader.string("TOKEN_PAGE_PUBLIC_URL"))
        self.metrics = try MetricsAccess(variable: "TOKEN_PAGE_METRICS_ADDRESSES", environment: environment)
        self.egress = try reader.string(EgressRules.variable).map {
            try EgressRules(file: $0, credentialsDirectory: reader.string("CREDENTIALS_DIRECTORY"))
        }
        self.units = try reader.string(UnitRules.variable).map { try UnitRules(file: $0) }
    }

    private static func token(_ text: String?, variable: String) throws -> TokenAddress {
        guard let text else {
            throw ConfigurationError(
                "TOKEN_VAULT_URL is not set; set it to the full URL of a token, for example \(Self.exampleURL)."
            )
        }
        guard let token = TokenAddress(text) else {
            throw SettingsReader.unusable(
                variable,
                "may have {visitor} or {user} in the place of the token's name, at its end, and no braces elsewhere"
            )
        }
        return token
    }

    private static func tokenURL(_ token: TokenAddress, variable: String) throws -> URL {
        guard
            Self.isPlain(token.text), let url = token.sample, url.host(percentEncoded: false)?.isEmpty == false,
            url.scheme?.lowercased() == "https" || url.scheme?.lowercased() == "http"
        else {
            throw SettingsReader.unusable(
                variable,
                "must be the full URL of a token, for example \(Self.exampleURL)"
            )
        }
        guard url.user == nil, url.password == nil, url.query == nil, url.fragment == nil else {
            throw SettingsReader.unusable(
                variable,
                "must have no user, password, query or fragment, only an address such as \(Self.exampleURL)"
            )
        }
        guard BearerPolicy.allows(url) else {
            throw SettingsReader.unusable(
                variable,
                "must begin with https://, or be on a loopback address such as http://127.0.0.1:8081/…, "
                    + "because the access token goes there; for example \(Self.exampleURL)"
            )
        }
        return url
    }

    private static func resource(_ text: String) throws -> String {
        guard Self.isPlain(text), text.utf8.count <= 2_048 else {
            throw SettingsReader.unusable(
                "TOKEN_VAULT_RESOURCE",
                "must be the audience that the vault expects, without spaces, for example \(Self.defaultResource)"
            )
        }
        return text
    }

    private static func publicURL(_ text: String?) throws -> URL? {
        guard let text else { return nil }
        guard
            Self.isPlain(text), let url = URL(string: text.hasSuffix("/") ? text : text + "/"),
            url.host(percentEncoded: false)?.isEmpty == false, url.user == nil, url.password == nil, url.query == nil,
            url.fragment == nil, BearerPolicy.allows(url)
        else {
            throw SettingsReader.unusable(
                "TOKEN_PAGE_PUBLIC_URL",
                "must be the address at which browsers find the page, https or on this machine, "
                    + "for example https://token-page.example.com/"
            )
        }
        return url
    }

    private static func webServerSecret(_ text: String?) throws -> SharedSecret? {
        guard let text else { return nil }
        guard let secret = SharedSecret(text) else {
            throw SettingsReader.unusable(
                WebServerSecret.name,
                "must have 16 to 256 visible characters, and be what the web server says in the parameter of that name"
            )
        }
        return secret
    }

    private static func troubleshooting(_ text: String) throws -> Troubleshooting {
        let isPath = text.hasPrefix("/") && !text.hasPrefix("//")
        let isAddress = (text.hasPrefix("https://") || text.hasPrefix("http://")) && URL(string: text)?.host() != nil
        guard Self.isPlain(text), isPath || isAddress, !text.contains("#") else {
            throw SettingsReader.unusable(
                "TOKEN_PAGE_DOCS_URL",
                "must be a path or an address without a fragment, for example \(Self.defaultTroubleshooting)"
            )
        }
        return Troubleshooting(page: text)
    }

    /// Visible ASCII only, which every URL is made of (RFC 3986 section 2).
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
