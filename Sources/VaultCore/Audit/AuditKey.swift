import Crypto
package import Foundation

/// The key that the entries of a store's audit are chained with: whoever can write the database, and has no key, can neither
/// change, add nor take away an entry unnoticed.
package struct AuditKey: Sendable {
    private static let size = 32

    private let key: SymmetricKey
    /// An HMAC that has taken the key in already, which costs as much as a short entry.
    private let prepared: HMAC<SHA256>

    /// A new random key.
    package init() {
        self.init(SymmetricKey(size: .bits256))
    }

    /// The key as it was sealed.
    ///
    /// - Throws: ``SealerError/damaged``.
    package init(bytes: Data) throws {
        guard bytes.count == Self.size else { throw SealerError.damaged }
        self.init(SymmetricKey(data: bytes))
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        self.prepared = HMAC<SHA256>(key: key)
    }

    /// What is sealed.
    package var bytes: Data { self.key.withUnsafeBytes { Data($0) } }

    /// The place of the sealed key; the number of the first entry that is chained is a part of it.
    package static func field(version: Int64, firstID: Int64) -> SealedField {
        SealedField(service: "", kind: .auditKey, version: version, binding: [String(firstID)])
    }

    /// The code of an entry, from what it says, its place in its chain, and the code of the entry before it.
    package func mac(of content: AuditContent, chain: Int64, sequence: Int64, after previous: AuditMAC) -> AuditMAC {
        var place = AuditContent()
        place.append(text: "entry".utf8)
        place.append(chain)
        place.append(sequence)
        place.append(previous)
        return self.mac(of: [place, content])
    }

    /// The code of a note that says which entries were pruned.
    package func mac(of checkpoint: AuditCheckpoint) -> AuditMAC {
        var content = AuditContent()
        content.append(text: "checkpoint".utf8)
        content.append(checkpoint.chain)
        content.append(checkpoint.first)
        content.append(checkpoint.last)
        content.append(checkpoint.before)
        content.append(checkpoint.after)
        return self.mac(of: [content])
    }

    /// Something to tell an access token by, of which nobody can learn anything about the token: 16 hexadecimal digits.
    package func fingerprint(of accessToken: String) -> String {
        var content = AuditContent()
        content.append(text: "fingerprint".utf8)
        content.append(text: accessToken.utf8)
        return self.mac(of: [content]).shortHexadecimal
    }

    private func mac(of parts: [AuditContent]) -> AuditMAC {
        var hmac = self.prepared
        for part in parts { hmac.update(data: part.bytes) }
        return hmac.finalize().withUnsafeBytes { AuditMAC(prefixOf: $0) } ?? .start
    }
}

extension AuditKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
