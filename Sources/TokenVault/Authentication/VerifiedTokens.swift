import Crypto
import Locking
import VaultCore

/// Tokens whose signatures were verified, by digests, so that a caller who comes again costs a look and no signature.
///
/// Nothing here opens anything: who reads the memory of the process finds no token in it. A pure convenience, which may forget at
/// any time.
final class VerifiedTokens: Sendable {
    struct Entry: Sendable {
        let principal: Principal
        let validity: JSONWebToken.Validity
        /// Which of the issuers signed it, and with which of its keys.
        let issuer: Int
        let keyID: String
        /// Which fetch of the issuer's keys that key came with.
        let generation: Int
    }

    private let limit: Int
    private let entries = Mutex<[SHA256Digest: Entry]>([:])

    /// - Parameter limit: Tokens that are remembered, each some 300 bytes.
    init(limit: Int) {
        self.limit = limit
    }

    static func digest(of token: [UInt8]) -> SHA256Digest { SHA256.hash(data: token) }

    subscript(_ digest: SHA256Digest) -> Entry? { self.entries.withLock { $0[digest] } }

    /// Remembers a token; when there are too many, those are forgotten that have expired, or else all.
    func insert(_ entry: Entry, for digest: SHA256Digest, at now: Double) {
        self.entries.withLock { entries in
            if entries.count >= self.limit, entries[digest] == nil {
                entries = entries.filter { $0.value.validity.contains(now) }
                if entries.count >= self.limit { entries = [:] }
            }
            entries[digest] = entry
        }
    }

    func remove(_ digest: SHA256Digest) {
        self.entries.withLock { $0[digest] = nil }
    }

    var count: Int { self.entries.withLock { $0.count } }
}
