import Crypto
import CryptoExtras
import Foundation
import Locking
import ProgramSupport

/// RSA keys by name, each made when it is asked for, and kept in the state directory.
final class KeyVaultKeys: Sendable {
    /// One key, in its one version.
    struct Key: Sendable {
        let name: String
        let version: String
        private let pem: String

        fileprivate init(name: String, pem: String) throws {
            let key = try _RSA.Encryption.PrivateKey(pemRepresentation: pem)
            self.name = name
            self.pem = pem
            let digest = SHA256.hash(data: key.publicKey.derRepresentation)
            self.version = digest.prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }

        /// - Throws: An error of swift-crypto for what is too long to be wrapped.
        func wrap(_ value: Data) throws -> Data {
            try _RSA.Encryption.PrivateKey(pemRepresentation: self.pem).publicKey
                .encrypt(value, padding: .PKCS1_OAEP_SHA256)
        }

        /// - Throws: An error of swift-crypto for what this key has not wrapped.
        func unwrap(_ value: Data) throws -> Data {
            try _RSA.Encryption.PrivateKey(pemRepresentation: self.pem).decrypt(value, padding: .PKCS1_OAEP_SHA256)
        }
    }

    private let state: StateDirectory
    private let keys = Mutex<[String: Key]>([:])

    init(state: StateDirectory) {
        self.state = state
    }

    /// - Throws: ``ConfigurationError`` when its file cannot be used.
    func key(_ name: String) throws -> Key {
        // Names of keys are the same in any case.
        let name = name.lowercased()
        if let key = self.keys.withLock({ $0[name] }) { return key }
        let file = self.state.file("key-vault-\(name).pem")
        let pem = try file.contents { try _RSA.Encryption.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation }
        guard let key = try? Key(name: name, pem: pem) else {
            throw ConfigurationError("\(file.path) is no RSA private key in PEM; restore it or remove it.")
        }
        self.keys.withLock { $0[name] = key }
        return key
    }
}

extension KeyVaultKeys.Key: CustomStringConvertible, CustomReflectable {
    var description: String { "Key(\(self.name), <redacted>)" }
    var customMirror: Mirror { Mirror(self, children: ["name": self.name]) }
}
