import Foundation
import JWTKit

/// The public keys that an issuer publishes, by their `kid` (RFC 7517 section 5).
struct KeySet: Sendable {
    /// The algorithms a token may be signed with: asymmetric ones only, so that a public key can never be mistaken for
    /// a shared secret (RFC 8725 sections 2.1 and 3.1).
    static let algorithms: Set<String> = ["RS256", "ES256"]

    private var keys: [String: PublishedKey]

    init() {
        self.keys = [:]
    }

    /// Reads a JWK set.
    ///
    /// Keys of another kind, for another use or without a `kid` are ignored, as RFC 7517 section 5
    /// asks, so that one new kind of key does not lock everybody out.
    init(json: Data) async throws {
        var keys: [String: PublishedKey] = [:]
        for entry in try JSONDecoder().decode(Document.self, from: json).keys {
            guard let jwk = entry.signingKey, let identifier = jwk.keyIdentifier else {
                continue
            }
            let collection = JWTKeyCollection()
            guard
                (try? await collection.add(jwk: jwk)) != nil,
                let key = try? await collection.getKey(for: identifier)
            else {
                continue
            }
            keys[identifier.string] = PublishedKey(algorithm: key, issuer: entry.issuer)
        }
        self.keys = keys
    }

    /// The same keys as those of a later fetch.
    func of(generation: Int) -> Self {
        var set = self
        set.keys = self.keys.mapValues {
            var key = $0
            key.generation = generation
            return key
        }
        return set
    }

    var isEmpty: Bool { self.keys.isEmpty }

    subscript(_ kid: String) -> PublishedKey? { self.keys[kid] }

    private struct Document: Decodable {
        let keys: [Entry]
    }

    private struct Entry: Decodable {
        let signingKey: JWK?
        let issuer: String?

        private enum CodingKeys: String, CodingKey {
            case use
            case issuer
        }

        init(from decoder: any Decoder) throws {
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            let use = try? container?.decodeIfPresent(String.self, forKey: .use)
            self.issuer = try? container?.decodeIfPresent(String.self, forKey: .issuer)
            guard use ?? "sig" == "sig", var jwk = try? JWK(from: decoder) else {
                self.signingKey = nil
                return
            }
            // Entra leaves `alg` out of its keys (it is optional, RFC 7517 section 4.4); the kind of key implies it.
            jwk.algorithm = jwk.algorithm ?? (jwk.keyType == .rsa ? .rs256 : .es256)
            self.signingKey = KeySet.algorithms.contains(jwk.algorithm?.rawValue ?? "") ? jwk : nil
        }
    }
}
