package import Foundation

extension VaultToken {
    /// The body of the answer to a POST; its names are in Pascal case, as the service wrote them there alone.
    ///
    /// `ExpiresIn` is a whole number of seconds, and is left out when the expiry is not known. `Details` is ours.
    package func postBody(now: Date = Date()) throws -> [UInt8] {
        guard let details = self.details else { return try self.plainPostBody(now: now) }
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
            details: VaultTokenDetails.Body(details, isPascalCase: true)
        )
        return Array(try JSONEncoder.vault.encode(body))
    }

    /// The same without `Details`: what nearly all callers ask for, and an encoder takes as long for as for all else of a read.
    private func plainPostBody(now: Date) throws -> [UInt8] {
        var body = Array("{".utf8)
        body.reserveCapacity(self.accessToken.utf8.count + 96)
        if let expiry = self.expiry { body.append(contentsOf: "\"ExpiresIn\":\(expiry.seconds(from: now)),".utf8) }
        body.append(contentsOf: "\"Parameters\":{},\"Value\":{\"AccessToken\":".utf8)
        if self.accessToken.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
            body.append(contentsOf: "\"\(self.accessToken)\"".utf8)
        } else {
            body.append(contentsOf: try JSONEncoder.vault.encode(self.accessToken))
        }
        body.append(contentsOf: "}}".utf8)
        return body
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
