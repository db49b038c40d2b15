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

    /// The certificate that the secret is, with its key and without a password: PKCS#12 in base64, or PEM.
    func certificate() throws(KeyVaultError) -> ClientCertificate {
        // A content type may have parameters, and its case means nothing (RFC 9110 section 8.3.1).
        let type = self.contentType?.prefix { $0 != ";" }.lowercased().trimmed
        let text = self.value?.value ?? ""
        do throws(CertificateError) {
            switch type {
            case "application/x-pkcs12":
                guard let file = Data(base64Encoded: text, options: .ignoreUnknownCharacters), !file.isEmpty else {
                    throw CertificateError(
                        "The secret is not base64, so it is not the certificate that its type promises."
                    )
                }
                return try PKCS12File.certificate(from: file, password: nil)
            case "application/x-pem-file":
                return try PEMFile.certificate(from: Data(text.utf8), password: nil)
            default: break
            }
        } catch {
            throw KeyVaultError("The certificate in the secret cannot be used. \(error.reason)")
        }
        throw KeyVaultError(
            "Specified secret identifier does not contain private key data. "
                + "Please check you are providing the secret identifier for the Key Vault client certificate. "
                + (type.map { "The content type of the secret is \($0.prefix(100))" }
                    ?? "The secret has no content type")
                + "; that of a certificate with its key is application/x-pkcs12 or application/x-pem-file."
        )
    }

    private struct Fields: Decodable {
        let contentType: String?
        let value: String?
    }
}
