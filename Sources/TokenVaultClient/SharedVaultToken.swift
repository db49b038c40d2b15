package import VaultAPI

/// A token that one answer of the vault brought to many callers, each of whom has no more of it than a reference.
package final class SharedVaultToken: Sendable {
    package let value: VaultToken

    package init(_ value: VaultToken) {
        self.value = value
    }
}
