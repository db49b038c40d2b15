import Foundation
import ProgramSupport

/// What the emulator is told through its environment.
struct Settings: Sendable {
    /// The emulator's own address as clients see it, without a slash at the end.
    let baseURL: String
    /// Where the signing key and the secrets are kept.
    let stateDirectory: String
    let tenantID: String
    /// The JSON file that names the identities; the built-in ones when absent.
    let identitiesFile: String?
    /// Seconds that a token for an application is valid.
    let tokenLifetime: Int
    /// Seconds that a token for a managed identity is valid.
    let identityTokenLifetime: Int
    /// Whether a client assertion buys one token only, which is stricter than Azure.
    let singleUseAssertions: Bool
    let oauth: OAuthSettings

    /// - Throws: ``ConfigurationError`` for a variable that is missing or cannot be used.
    init(environment: [String: String]) throws {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let stateDirectory = value("AZURE_EMULATOR_STATE") else {
            throw ConfigurationError(
                "AZURE_EMULATOR_STATE is not set; name a directory in which the signing key and the secrets are kept."
            )
        }
        self.stateDirectory = stateDirectory
        self.baseURL = try Self.baseURL(value("AZURE_EMULATOR_URL") ?? "http://127.0.0.1:8081")
        self.tenantID = try Self.tenantID(environment: environment)
        self.identitiesFile = value("AZURE_EMULATOR_IDENTITIES")
        self.tokenLifetime = try Self.lifetime(
            value("AZURE_EMULATOR_TOKEN_LIFETIME"),
            name: "AZURE_EMULATOR_TOKEN_LIFETIME",
            unset: 3600
        )
        self.identityTokenLifetime = try Self.lifetime(
            value("AZURE_EMULATOR_IDENTITY_TOKEN_LIFETIME"),
            name: "AZURE_EMULATOR_IDENTITY_TOKEN_LIFETIME",
            unset: 86_400
        )
        self.oauth = try OAuthSettings(environment: environment)
        switch value("AZURE_EMULATOR_SINGLE_USE_ASSERTIONS")?.lowercased() {
        case "true", "1": self.singleUseAssertions = true
        case nil, "false", "0": self.singleUseAssertions = false
        default: throw ConfigurationError("AZURE_EMULATOR_SINGLE_USE_ASSERTIONS is neither true nor false.")
        }
    }

    /// The tenant alone, for a command that needs nothing else.
    static func tenantID(environment: [String: String]) throws -> String {
        guard let text = environment["AZURE_EMULATOR_TENANT"], !text.isEmpty else {
            return "0f5ad6e4-52f6-4a0c-9a59-9e1a1a3c7d10"
        }
        guard let tenant = UUID(uuidString: text) else {
            throw ConfigurationError("AZURE_EMULATOR_TENANT is not a GUID; write it as 8-4-4-4-12 hexadecimal digits.")
        }
        return tenant.uuidString.lowercased()
    }

    private static func baseURL(_ text: String) throws -> String {
        guard
            let components = URLComponents(string: text),
            let scheme = components.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = components.host, !host.isEmpty,
            components.user == nil, components.password == nil,
            components.path.isEmpty || components.path == "/",
            components.query == nil, components.fragment == nil
        else {
            throw ConfigurationError(
                "AZURE_EMULATOR_URL is not a URL of a server; write http or https, a host and a port, and no path."
            )
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func lifetime(_ text: String?, name: String, unset: Int) throws -> Int {
        guard let text else { return unset }
        guard let seconds = Int(text), (1...2_592_000).contains(seconds) else {
            throw ConfigurationError("\(name) is not a number of seconds between 1 and 2592000.")
        }
        return seconds
    }
}
