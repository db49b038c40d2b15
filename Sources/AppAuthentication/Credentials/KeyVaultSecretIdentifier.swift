import Foundation

/// The address of a secret in a Key Vault, which for a certificate is the one with its private key.
struct KeyVaultSecretIdentifier: Sendable, Hashable {
    let url: URL

    /// Checks an address in the order and the words of AppAuthentication for .NET.
    init(_ text: String) throws(KeyVaultError) {
        guard let url = URL(string: text.trimmed), let scheme = url.scheme,
            let host = url.host(percentEncoded: false), !host.isEmpty
        else { throw Self.error("Specified secret identifier is not a valid URI.", text) }
        guard scheme.lowercased() == "https" else { throw Self.error("Specified identifier must use HTTPS.", text) }
        guard url.path(percentEncoded: true).lowercased().hasPrefix("/secrets/"), url.user == nil else {
            throw Self.error("Specified identifier is not a secret identifier.", text)
        }
        self.url = url
    }

    private static func error(_ sentence: String, _ text: String) -> KeyVaultError {
        KeyVaultError(
            "\(sentence) KeyVaultCertificateSecretIdentifier is '\(text.prefix { $0 != "?" }.prefix(200))'; it has to be like "
                + "https://NAME.vault.azure.net/secrets/CERTIFICATE."
        )
    }

    /// The address that the secret is read from, in a version of the vault's interface that every cloud has.
    var readURL: URL {
        self.url.appending(queryItems: [URLQueryItem(name: "api-version", value: "2016-10-01")])
    }

    /// Whether a vault may ask for a token for this resource.
    ///
    /// It may for the service that it belongs to, as `NAME.vault.azure.net` for `https://vault.azure.net`. A server
    /// that asks for anything else wants a token that is none of its business. AppAuthentication for .NET does not look.
    func accepts(resource: String) -> Bool {
        guard let host = self.url.host(percentEncoded: false)?.lowercased(),
            let service = URL(string: resource)?.host(percentEncoded: false)?.lowercased()
        else { return false }
        return host.hasSuffix(".\(service)")
    }
}

/// Why a certificate was not got out of a Key Vault: one sentence, free of secrets.
struct KeyVaultError: Error, Sendable, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
