import Crypto
package import Foundation

/// What the tokens of visitors are called in the vault.
package struct TokenNames: Sendable, Hashable {
    /// What all their addresses begin with.
    private let base: String
    /// Whose tokens they are, so that two applications never take one person's number for another's.
    private let application: String

    package init(base: String, application: String) {
        self.base = base
        self.application = application
    }

    /// The address of a token that everybody shares.
    package func url(named name: String) -> URL? {
        URL(string: self.base + name)
    }

    /// The name stands in addresses and logs, so that it is a digest and neither the cookie nor what names the person.
    func url(of owner: String, kind: String) -> URL? {
        let digest = SHA256.hash(data: Data("\(self.application) \(kind) \(owner)".utf8)).prefix(16)
        return self.url(named: "\(kind)-\(Hexadecimal.text(digest))")
    }
}
