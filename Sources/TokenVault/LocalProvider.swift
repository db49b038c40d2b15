import Foundation
import ProgramSupport
import TokenTransport
import VaultCore

/// The OAuth provider of an emulator on this machine, for development: `TOKEN_VAULT_LOCAL_PROVIDER` names its issuer.
///
/// It gives the vault one more row, `local`, and lets it connect to that one address. Only the operator's environment can
/// say so, and only for a vault that is itself known by an address of this machine.
struct LocalProvider: Sendable, Hashable {
    static let variable = "TOKEN_VAULT_LOCAL_PROVIDER"
    /// Of the row.
    static let name = "local"

    /// Without a slash at its end.
    let issuer: String
    let address: AddressRange

    /// Reads the setting; nil when it is not set.
    ///
    /// - Throws: ``ConfigurationError``.
    init?(environment: [String: String]) throws {
        guard let text = environment[Self.variable], !text.isEmpty else { return nil }
        guard
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), !text.contains(where: { "\\\"{}?#@".contains($0) }),
            let url = URL(string: text), url.scheme == "http", BearerPolicy.allows(url),
            let address = url.host(percentEncoded: false).flatMap({ AddressRange($0) })
        else {
            throw ConfigurationError(
                "\(Self.variable) is not the address of an emulator on this machine: give one such as "
                    + "http://127.0.0.1:8081/oauth."
            )
        }
        let site = environment["TOKEN_VAULT_PUBLIC_URL"].flatMap { URL(string: $0) }
        guard let site, site.scheme == "http", BearerPolicy.allows(site) else {
            throw ConfigurationError(
                "\(Self.variable) is for a vault that is on this machine alone: set TOKEN_VAULT_PUBLIC_URL to an address "
                    + "such as http://127.0.0.1:8082, or leave it out."
            )
        }
        self.issuer = text.hasSuffix("/") ? String(text.dropLast()) : text
        self.address = address
    }

    /// Its row, as a file that root could have written.
    ///
    /// - Throws: ``ProviderFileError``.
    func file() throws(ProviderFileError) -> ProviderFile {
        let row = """
            {"\(Self.name)": {"displayName": "Local OAuth provider", "privateNetwork": true,
              "authorizeUrl": "\(self.issuer)/authorize", "tokenUrl": "\(self.issuer)/token",
              "issuer": "\(self.issuer)", "issRequired": true, "scopes": ["profile", "files.read"],
              "rotation": "always", "reuse": "revokeFamily",
              "identity": {"userinfo": {"url": "\(self.issuer)/userinfo",
                "fields": {"subject": "sub", "email": "email", "login": "preferred_username"}}},
              "revoke": {"url": "\(self.issuer)/revoke"}}}
            """
        return try ProviderFile(path: Self.variable, isTrusted: true, contents: Data(row.utf8))
    }
}
