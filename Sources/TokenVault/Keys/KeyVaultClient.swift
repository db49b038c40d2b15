import AppAuthentication
import AsyncHTTPTransport
import Foundation
import OAuthWire
import ProgramSupport
import TokenTransport
import VaultCore

/// Has an Azure Key Vault wrap and unwrap the key encryption key, with the identity of this machine.
///
/// <https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key>: the private part of the RSA key never leaves it.
struct KeyVaultClient: Sendable {
    private let transport: any HTTPTransport
    private let accessToken: @Sendable (_ resource: String) async throws -> String

    private static let algorithm = "RSA-OAEP-256"
    private static let timeout = Duration.seconds(15)

    init(transport: any HTTPTransport, accessToken: @escaping @Sendable (_ resource: String) async throws -> String) {
        self.transport = transport
        self.accessToken = accessToken
    }

    /// With the identity that `environment` says, as for any program of this machine.
    ///
    /// - Parameters:
    ///   - environment: The variables that say which identity.
    ///   - transport: The HTTP client; nil for one of its own, which trusts what `TOKEN_VAULT_CA_FILE` names.
    /// - Throws: ``ConfigurationError``.
    init(environment: [String: String], transport: (any HTTPTransport)?) throws {
        let transport = try transport ?? AsyncHTTPTransport(trusting: ProviderAccess(environment: environment).trusted)
        do {
            let provider = try AzureServiceTokenProvider(
                environment: environment,
                transport: transport,
                cache: TokenCache()
            )
            self.init(transport: transport) { try await provider.accessToken(forResource: $0).token }
        } catch let error as AzureServiceTokenProviderError {
            throw ConfigurationError(error.description)
        }
    }

    /// Wraps a key with the newest version of a key, or the one that its address names.
    ///
    /// - Throws: ``ConfigurationError`` when somebody has to change something, ``UnavailableError`` when it may work later.
    func wrap(_ key: KeyEncryptionKey, with wrapper: KeyVaultKey) async throws -> KeyWrapping {
        let answer = try await self.ask(wrapper, "wrapkey", value: key.bytes)
        guard let used = KeyVaultKey(answer.kid), used.isSameKey(as: wrapper), used.version != nil else {
            throw UnavailableError("\(wrapper) answers with another key than the one that was asked for.")
        }
        return KeyWrapping(keyID: used.description, wrapped: answer.value)
    }

    /// - Throws: ``ConfigurationError`` when somebody has to change something, ``UnavailableError`` when it may work later.
    func unwrap(_ wrapping: KeyWrapping, of wrapper: KeyVaultKey) async throws -> KeyEncryptionKey {
        // Who writes the database shall not choose who is asked, and is sent an access token.
        guard let used = KeyVaultKey(wrapping.keyID), used.version != nil, used.isSameKey(as: wrapper) else {
            throw ConfigurationError(
                "The store's key is wrapped with the key \(wrapping.keyID) and not with \(wrapper): "
                    + "set TOKEN_VAULT_KEY_VAULT_KEY to that one."
            )
        }
        let answer = try await self.ask(used, "unwrapkey", value: wrapping.wrapped)
        guard let key = KeyEncryptionKey(bytes: answer.value) else {
            throw ConfigurationError("What \(used) unwraps is no key of a store: the database was damaged.")
        }
        return key
    }

    private struct Question: Encodable {
        let alg: String
        let value: String
    }

    private struct Answer {
        let kid: String
        let value: Data
    }

    private func ask(_ key: KeyVaultKey, _ operation: String, value: Data) async throws -> Answer {
        guard let url = key.url(of: operation) else {
            throw ConfigurationError("\(key) is not the address of a key.")
        }
        let token: String
        do {
            token = try await self.accessToken(key.resource)
        } catch let error as AzureServiceTokenProviderError {
            throw UnavailableError(
                "There is no access token for \(key.resource), which the key \(key) takes: \(error.description)"
            )
        }
        let body = try JSONEncoder().encode(Question(alg: Self.algorithm, value: Base64URL.encode(value)))
        let headers = [
            (name: "Authorization", value: "Bearer \(token)"), (name: "Content-Type", value: "application/json"),
            (name: "Accept", value: "application/json"),
        ]
        let response: TransportResponse
        do {
            response = try await self.transport.send(
                TransportRequest(.post, url: url, headers: headers, body: body, timeout: Self.timeout)
            )
        } catch let error as TransportError {
            throw UnavailableError("The key \(key) cannot be reached: \(error.description)")
        }
        guard response.status == 200 else { throw Self.refusal(response.status, key, operation) }
        guard
            let answer = try? JSONDecoder().decode([String: String].self, from: response.body),
            let kid = answer["kid"], let text = answer["value"], let value = Base64URL.decode(text)
        else {
            throw UnavailableError("\(key) answers with something else than a key: is it the address of a Key Vault?")
        }
        return Answer(kid: kid, value: value)
    }

    private static func refusal(_ status: Int, _ key: KeyVaultKey, _ operation: String) -> any Error {
        switch status {
        case 401, 403:
            ConfigurationError(
                "This machine's identity may not \(operation) with \(key) (status \(status)): give it the role Key Vault Crypto "
                    + "Service Encryption User there, and let the vault's network rules admit this machine."
            )
        case 404:
            ConfigurationError("There is no key \(key): make an RSA key of that name, or restore it if it was deleted.")
        case 400:
            ConfigurationError(
                "\(key) refuses to \(operation) (status 400): it has to be an enabled RSA key, the one that wrapped the store's key."
            )
        default: UnavailableError("\(key) cannot be used just now (status \(status)).")
        }
    }
}
