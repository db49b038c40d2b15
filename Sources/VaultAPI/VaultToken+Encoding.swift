package import Foundation

extension VaultToken {
    /// The body of the answer to a POST; its names are in Pascal case, as the service wrote them there alone.
    ///
    /// `ExpiresIn` is a whole number of seconds, and is left out when the expiry is not known. `Details` is ours.
    package func postBody(now: Date = Date()) throws -> Data {
        struct Body: Encodable {
            struct Value: Encodable {
                var accessToken: String
                enum CodingKeys: String, CodingKey {
                    case accessToken = "AccessToken"
                }
            }
            var parameters: [String: String] = [:]
            var value: Value
            var expiresIn: Int?
            var details: VaultTokenDetails.Body?
            enum CodingKeys: String, CodingKey {
                case parameters = "Parameters"
                case value = "Value"
                case expiresIn = "ExpiresIn"
                case details = "Details"
            }
        }
        let body = Body(
            value: .init(accessToken: self.accessToken),
            expiresIn: self.expiry.map { $0.seconds(from: now) },
            details: self.details.map { VaultTokenDetails.Body($0, isPascalCase: true) }
        )
        return try JSONEncoder.vault.encode(body)
    }
}

extension JSONEncoder {
    /// Keys in a fixed order, so that equal answers are equal bytes; slashes as they are, since URLs stand in them.
    static var vault: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
