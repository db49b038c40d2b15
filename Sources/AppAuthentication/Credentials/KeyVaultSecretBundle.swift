import Foundation
import OAuthWire

/// The JSON in which a Key Vault hands out a secret.
struct KeyVaultSecretBundle: Sendable {
    private let contentType: String?
    private let value: Secret?

    init(_ body: Data) throws(KeyVaultError) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: body) else {
            throw KeyVaultError(
                "Unable to parse JSON secret bundle from Key Vault. Exception: The text is not a JSON object."
            )
        }
        self.contentType = fields.contentType
        self.value = fields.value.map(Secret.init)
    }

    /// The certificate that the secret is: a PKCS#12 file without a password.
    func certificate() throws(KeyVaultError) -> ClientCertificate {
        guard self.contentType == "application/x-pkcs12" else {
            throw KeyVaultError(
                "Specified secret identifier does not contain private key data. "
                    + "Please check you are providing the secret identifier for the Key Vault client certificate."
            )
        }
        guard let file = self.value.flatMap({ Data(base64Encoded: $0.value, options: .ignoreUnknownCharacters) }) else {
            throw KeyVaultError("The secret is not base64, so it is not the certificate that its type promises.")
        }
        do {
            return try PKCS12File.certificate(from: file, password: nil)
        } catch {
            throw KeyVaultError("The certificate in the secret cannot be used. \(error.reason)")
        }
    }

    private struct Fields: Decodable {
        let contentType: String?
        let value: String?
    }
}
