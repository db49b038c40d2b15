package import Foundation

/// Percent-encoding of values in queries and form bodies.
package enum URLEncoding {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
    private static let unreservedInQuery = unreserved.union(CharacterSet(charactersIn: ":/"))

    /// For a query.
    ///
    /// Colons and slashes may stand there (RFC 3986 section 3.4), and identity endpoints are used to it.
    package static func query(_ text: String) -> String {
        // Nil only for text that cannot be written as UTF-8, which no Swift string is.
        text.addingPercentEncoding(withAllowedCharacters: Self.unreservedInQuery) ?? ""
    }

    /// For one segment of a path, in which nothing divides.
    package static func pathSegment(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
    }

    /// For a body of the type `application/x-www-form-urlencoded`.
    package static func form(_ fields: [(name: String, value: String)]) -> Data {
        let pairs = fields.map { field in
            "\(field.name)=\(field.value.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? "")"
        }
        return Data(pairs.joined(separator: "&").utf8)
    }
}
