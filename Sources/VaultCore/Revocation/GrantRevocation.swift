import Foundation
import TokenTransport

/// What ends one grant at its provider.
package struct GrantRevocation: Sendable {
    let token: TokenKey
    /// The request, once for each client secret that may be the right one; made when it is sent, since what a client signs has
    /// an end.
    let requests: @Sendable (Date) throws -> [TransportRequest]
    /// The answers that mean that the grant is over.
    let statuses: [Int]
    /// False where the token ends and not the grant.
    let endsGrant: Bool
}

extension GrantRevocation: CustomStringConvertible {
    /// Without the requests, which have the token in them.
    package var description: String { "the revocation of \(self.token)" }
}
