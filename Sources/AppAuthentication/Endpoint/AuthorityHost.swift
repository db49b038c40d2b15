import Foundation
import OAuthWire
import TokenTransport

/// The address of Microsoft Entra ID (Azure AD): the public cloud, a national cloud, or an emulator.
struct AuthorityHost: Sendable, Hashable {
    static let publicCloud = "https://login.microsoftonline.com/"

    /// With a trailing slash, so that a tenant can be appended.
    let url: String

    /// Chooses an instance and checks that secrets may go there.
    ///
    /// - Parameters:
    ///   - argument: What the caller asks for; it wins.
    ///   - environment: Where `AZURE_AUTHORITY_HOST` may name an instance, with or without `https://`.
    /// - Throws: ``AzureServiceTokenProviderError`` when it is neither https nor a loopback address.
    init(argument: String?, environment: [String: String]) throws {
        if let argument {
            guard !argument.isBlank else {
                throw AzureServiceTokenProviderError.invalidInstance(
                    "Value cannot be null. (Parameter 'azureAdInstance')"
                )
            }
            self.url = try Self.checked(argument, from: "azureAdInstance")
        } else if let host = environment[Self.variable], !host.isBlank {
            self.url = try Self.checked(host, from: Self.variable)
        } else {
            self.url = Self.publicCloud
        }
    }

    private static let variable = "AZURE_AUTHORITY_HOST"

    private static func checked(_ written: String, from name: String) throws -> String {
        let trimmed = written.trimmed
        let text = trimmed.contains("://") ? trimmed : "https://\(trimmed)"
        // Secrets go there, so it is https, or an emulator on this machine.
        guard let url = URL(string: text), url.host(percentEncoded: false)?.isEmpty == false,
            url.query == nil, url.fragment == nil, url.user == nil, BearerPolicy.allows(url)
        else {
            throw AzureServiceTokenProviderError.invalidInstance(
                "\(name) \(Self.shown(written)) is not valid. It must use https."
            )
        }
        return String(text.reversed().drop { $0 == "/" }.reversed()) + "/"
    }

    /// The text without a password that it may have.
    private static func shown(_ text: String) -> String {
        text.contains("@") ? Redaction.mark : String(text.prefix(200))
    }
}
