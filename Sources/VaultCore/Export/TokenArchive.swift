import Crypto
import CryptoExtras
import Dispatch
package import Foundation

/// Tokens in a file of their own, sealed with a passphrase.
///
/// The key is made of it by scrypt with the parameters that OWASP's Password Storage Cheat Sheet gives first (N = 2^17, r = 8,
/// p = 1), which takes 128 MiB; the tokens are sealed with AES-256-GCM, and the parameters are authenticated with them.
package enum TokenArchive {
    /// Why a file gives no tokens.
    package enum Failure: Error, Sendable, Hashable {
        case noArchive
        /// It was made by a newer version, or its parameters are not within bounds.
        case unknownParameters
        /// The passphrase is another one, or the file was changed.
        case doesNotOpen
    }

    /// The cost of a new archive, N of scrypt.
    package static let rounds = 1 << 17

    private struct File: Codable {
        var format = "token-vault export 1"
        var kdf = "scrypt"
        let rounds: Int
        var blockSize = 8
        var parallelism = 1
        let salt: Data
        var sealed: Data

        /// Everything but what is sealed.
        var context: Data {
            LengthPrefixed.encode([
                self.format, self.kdf, "\(self.rounds)", "\(self.blockSize)", "\(self.parallelism)",
                self.salt.base64EncodedString(),
            ])
        }

        /// A file can ask for no more than a quarter of a gigabyte.
        var isWithinBounds: Bool {
            self.format == "token-vault export 1" && self.kdf == "scrypt" && self.rounds.nonzeroBitCount == 1
                && (1 << 14...1 << 18).contains(self.rounds) && self.blockSize == 8
                && (1...4).contains(self.parallelism) && (16...64).contains(self.salt.count)
        }

        /// It takes a second or so of a processor, which is not to be one of the cooperative pool's.
        func key(_ passphrase: String) async throws -> SymmetricKey {
            try await withCheckedThrowingContinuation { continuation in
                // A queue of its own: the shared ones have no more threads than there are processors.
                DispatchQueue(label: "TokenArchive").async {
                    continuation.resume(
                        with: Result {
                            try KDF.Scrypt.deriveKey(
                                from: Data(passphrase.utf8),
                                salt: self.salt,
                                outputByteCount: 32,
                                rounds: self.rounds,
                                blockSize: self.blockSize,
                                parallelism: self.parallelism
                            )
                        }
                    )
                }
            }
        }
    }

    package static func seal(
        _ tokens: [ExportedToken],
        passphrase: String,
        rounds: Int = Self.rounds
    ) async throws -> Data {
        let salt = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        var file = File(rounds: rounds, salt: salt, sealed: Data())
        let sealed = try SealedValue(
            sealing: JSONEncoder().encode(tokens),
            key: try await file.key(passphrase),
            authenticating: file.context
        )
        file.sealed = sealed.combined
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(file) + [UInt8(ascii: "\n")]
    }

    /// - Throws: ``Failure``.
    package static func open(_ contents: Data, passphrase: String) async throws -> [ExportedToken] {
        guard let file = try? JSONDecoder().decode(File.self, from: contents) else { throw Failure.noArchive }
        guard file.isWithinBounds else { throw Failure.unknownParameters }
        guard
            let sealed = SealedValue(combined: file.sealed),
            let key = try? await file.key(passphrase),
            let bytes = try? sealed.open(key: key, authenticating: file.context),
            let tokens = try? JSONDecoder().decode([ExportedToken].self, from: bytes)
        else { throw Failure.doesNotOpen }
        return tokens
    }
}
