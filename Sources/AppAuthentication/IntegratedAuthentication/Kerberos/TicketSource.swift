package import Foundation

/// Where Kerberos tickets come from: the seam between integrated authentication and the Kerberos of the machine.
package protocol TicketSource: Sendable {
    /// The ticket that a sign-in would use.
    ///
    /// - Throws: ``KerberosError`` when there is none that can be used.
    func ticket() async throws -> KerberosTicket

    /// Begins to prove to a server who the user is.
    ///
    /// What it makes is good for one request.
    ///
    /// - Throws: ``KerberosError`` when there is no ticket for that server.
    func negotiation(withHost host: String) async throws -> any Negotiation
}

/// One proof, and the check of the server's own.
package protocol Negotiation: Sendable {
    /// The token for the server (SPNEGO, RFC 4178).
    var token: Data { get }

    /// Checks the token that the server answered with.
    ///
    /// - Throws: ``KerberosError`` when it does not prove that the server is the one that the ticket is for.
    func verify(_ answer: Data) async throws
}

/// A ticket that lets its owner get others.
package struct KerberosTicket: Sendable, Hashable {
    /// Whose ticket it is, as Kerberos writes it: `ann@EXAMPLE.COM`.
    package let principal: String

    package init(principal: String) {
        self.principal = principal
    }
}
