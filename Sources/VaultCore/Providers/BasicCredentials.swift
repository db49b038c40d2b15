import Foundation
import OAuthWire

/// A client id and secret in an `Authorization` header.
enum BasicCredentials {
    /// Both are form-encoded before they are joined (RFC 6749 section 2.3.1), as a colon in the id would move the border.
    static func header(id: String, secret: String) -> String {
        let joined = "\(URLEncoding.pathSegment(id)):\(URLEncoding.pathSegment(secret))"
        return "Basic \(Data(joined.utf8).base64EncodedString())"
    }
}
