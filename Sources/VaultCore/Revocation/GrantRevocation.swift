import Foundation
import TokenTransport

/// What ends one grant at its provider: the request, once for each client secret that may be the right one.
package struct GrantRevocation: Sendable {
    let token: TokenKey
    let requests: [TransportRequest]
    /// The answers that mean that the grant is over.
    let statuses: [Int]
}

extension GrantRevocation: CustomStringConvertible {
    /// Without the requests, which have the token in them.
    package var description: String { "the revocation of \(self.token)" }
}
