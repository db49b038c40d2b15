/// A login that a person confirmed on the vault's own page.
package struct LoginConfirmed: Sendable, Hashable {
    package let service: String
    package let token: String
    /// Where the browser goes.
    package let location: String
}
