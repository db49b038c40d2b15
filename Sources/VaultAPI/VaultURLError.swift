/// Why a URL cannot be the address of a token in a vault.
package struct VaultURLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence that never holds the query or the user of the URL: those can be secrets.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
