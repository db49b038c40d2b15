package import Foundation

/// Where Kerberos tickets come from: the seam between integrated authentication and the Kerberos of the machine.
package protocol TicketSource: Sendable {
    /// The ticket that a sign-in would use.
    ///
    /// - Parameter userName: Whose ticket is preferred where there are several; nil for the default one.
    /// - Returns: The ticket, and where it is.
    /// - Throws: ``KerberosError`` when there is none that can be used.
    func ticket(of userName: String?) async throws -> KerberosTicket

    /// Begins to prove to a server who the owner of a ticket is.
    ///
    /// What it makes is good for one request.
    ///
    /// - Throws: ``KerberosError`` when there is no ticket for that server.
    func negotiation(withHost host: String, ticket: KerberosTicket) async throws -> any Negotiation
}

/// One proof, and the check of the server's own.
package protocol Negotiation: Sendable {
    /// The token for the server (SPNEGO, RFC 4178).
    var token: Data { get }

    /// Checks the token that the server answered with.
    ///
    /// - Throws: ``KerberosError`` when it does not prove that the server is the one that the ticket is for.
    func verify(_ answer: Data) async throws

    /// What the token of a server says that refused.
    ///
    /// - Returns: The words of Kerberos; nil when it says nothing.
    func reason(inRefusal answer: Data) async throws -> String?
}

/// A ticket that lets its owner get others.
package struct KerberosTicket: Sendable, Hashable {
    /// Whose ticket it is, as Kerberos writes it: `ann@EXAMPLE.COM`.
    package let principal: String
    /// The cache that it is in, as Kerberos writes it.
    package let cache: String

    package init(principal: String, cache: String) {
        self.principal = principal
        self.cache = cache
    }
}
