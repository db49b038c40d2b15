import Foundation
import TestSupport

@testable import AppAuthentication

/// Plays the Kerberos of a machine.
final class FakeTickets: TicketSource {
    /// What every token of these tickets has in it.
    static let tokenText = "kerberos-token"

    private let owner: Box<(principal: String, failure: KerberosError?)>
    private let serverFailure: KerberosError?
    private let log = Box<(hosts: [String], answers: [String])>(([], []))
    private let refusal: String?

    /// - Parameters:
    ///   - principal: Whose ticket it is.
    ///   - failure: Why there is none.
    ///   - serverFailure: Why there is none for a server.
    ///   - refusal: What the token of a server says that refused.
    init(
        _ principal: String = "ann@EXAMPLE.TEST",
        failure: KerberosError? = nil,
        serverFailure: KerberosError? = nil,
        refusal: String? = nil
    ) {
        self.refusal = refusal
        self.owner = Box((principal, failure))
        self.serverFailure = serverFailure
    }

    var hosts: [String] { self.log.value.hosts }
    /// The tokens of servers that were checked.
    var answers: [String] { self.log.value.answers }

    /// Has somebody else sign in to the machine, or nobody.
    func replace(_ principal: String = "", failure: KerberosError? = nil) {
        self.owner.withLock { $0 = (principal, failure) }
    }

    func ticket(of userName: String?) async throws -> KerberosTicket {
        let owner = self.owner.value
        if let failure = owner.failure { throw failure }
        return KerberosTicket(principal: owner.principal, cache: "FILE:/fake")
    }

    func negotiation(withHost host: String, ticket: KerberosTicket) async throws -> any Negotiation {
        if let serverFailure { throw serverFailure }
        let number = self.log.withLock { log in
            log.hosts.append(host)
            return log.hosts.count
        }
        return FakeNegotiation(token: Data("\(Self.tokenText)-\(number)".utf8), tickets: self, refusal: self.refusal)
    }

    private struct FakeNegotiation: Negotiation {
        let token: Data
        let tickets: FakeTickets
        let refusal: String?

        func reason(inRefusal answer: Data) async throws -> String? { self.refusal }

        func verify(_ answer: Data) async throws {
            let text = String(decoding: answer, as: UTF8.self)
            self.tickets.log.withLock { $0.answers.append(text) }
            guard text == "proof" else { throw KerberosError.serverNotVerified(reason: "no proof") }
        }
    }
}
