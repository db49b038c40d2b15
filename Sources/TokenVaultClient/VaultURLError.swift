public import Foundation

/// Why a URL cannot be the address of a token in a vault.
public struct VaultURLError: Error, Sendable, Hashable, CustomStringConvertible, LocalizedError {
    /// One sentence that never holds the path, the query or the user of the URL: those can be secrets.
    public let description: String
    /// The same sentence.
    public var errorDescription: String? { self.description }

    /// Checks a URL.
    ///
    /// - Returns: `nil` when it can be the address of a token.
    init?(_ url: URL) {
        let example = "https://NAME.westcentralus.tokenvault.azure.net/services/dropbox/tokens/sampleToken"
        let problem: String? =
            switch url.scheme?.lowercased() {
            case nil: "has no scheme"
            case "http", "https":
                if url.host(percentEncoded: true)?.isEmpty ?? true {
                    "has no host"
                } else if url.user(percentEncoded: true) != nil || url.password(percentEncoded: true) != nil {
                    "holds a user or a password"
                } else if url.fragment(percentEncoded: true) != nil {
                    "holds a fragment ('#')"
                } else if url.path(percentEncoded: true).count < 2 {
                    "has no path"
                } else {
                    nil
                }
            default: "is neither https nor http"
            }
        guard let problem else { return nil }
        self.description = "The URL of the vault's token \(problem); it has to be like \(example)."
    }
}
