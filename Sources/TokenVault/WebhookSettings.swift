import Foundation
import GuardedFiles
import ProgramSupport
import VaultCore

/// Whom to tell what happens to tokens, and the secret that it knows the vault by.
struct WebhookSettings: Sendable {
    let url: URL
    let key: WebhookKey

    /// Whether messages are to be kept for a vault that sends them; the secret may be for that vault alone.
    static func areWanted(in environment: [String: String]) -> Bool {
        !(environment["TOKEN_VAULT_WEBHOOK_URL"] ?? "").isEmpty
    }

    /// Reads `TOKEN_VAULT_WEBHOOK_URL` and the file of `TOKEN_VAULT_WEBHOOK_SECRET_FILE`; nil without either.
    ///
    /// - Throws: ``ConfigurationError``.
    init?(environment: [String: String]) throws {
        let names = (url: "TOKEN_VAULT_WEBHOOK_URL", file: "TOKEN_VAULT_WEBHOOK_SECRET_FILE")
        let text = environment[names.url] ?? ""
        let path = environment[names.file] ?? ""
        guard !text.isEmpty || !path.isEmpty else { return nil }
        guard !text.isEmpty, !path.isEmpty else {
            throw ConfigurationError("\(text.isEmpty ? names.url : names.file) is not set: webhooks need both.")
        }
        guard let url = URL(string: text), url.scheme == "https", url.host()?.isEmpty == false, url.user() == nil,
            url.fragment == nil
        else {
            throw ConfigurationError("\(names.url) is not an https address, such as https://example.com/hooks.")
        }
        let file = GuardedFile(
            path: path,
            privacy: .secret(credentialsDirectory: environment["CREDENTIALS_DIRECTORY"]),
            links: .ofProjectedVolume,
            sizeLimit: 1024
        )
        let secret: Data?
        do {
            secret = try file.contents()
        } catch {
            throw ConfigurationError("\(names.file) cannot be used: \(error.description)")
        }
        guard let secret else { throw ConfigurationError("There is no file \(path), which \(names.file) names.") }
        let line = String(decoding: secret, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard let key = WebhookKey(line) else {
            throw ConfigurationError(
                "\(names.file) does not hold whsec_ and 24 to 64 bytes in Base64: make some with `openssl rand -base64 32`."
            )
        }
        self.url = url
        self.key = key
    }
}
