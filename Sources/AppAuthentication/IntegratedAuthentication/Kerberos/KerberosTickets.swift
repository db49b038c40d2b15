import Foundation
import Locking

/// The tickets of the user that this process runs as, from the Kerberos library of the machine.
///
/// Where they are is the library's to know: `KRB5CCNAME`, `krb5.conf`, and for services that nobody signs in to the client
/// keytab of `KRB5_CLIENT_KTNAME`.
package final class KerberosTickets: TicketSource {
    /// The tickets of this process; all its callers share one thread for them.
    package static let shared = KerberosTickets()

    private let libraryName: String
    private let limit: Duration
    private let thread: BlockingThread
    private let library = Mutex<GSSAPILibrary?>(nil)
    /// What the thread is busy with, for when that does not come to an end.
    private let stage = Mutex(KerberosStage.domainController)

    package convenience init() {
        self.init(libraryName: GSSAPILibrary.name)
    }

    /// - Parameters:
    ///   - libraryName: The file name of the library.
    ///   - limit: How long one answer of Kerberos may take, domain controllers included.
    ///   - pause: For how long Kerberos is left alone after it took longer.
    init(
        libraryName: String = GSSAPILibrary.name,
        limit: Duration = .seconds(10),
        pause: Duration = .seconds(60)
    ) {
        self.libraryName = libraryName
        self.limit = limit
        self.thread = BlockingThread(limit: limit, pause: pause)
    }

    package func ticket(of userName: String?) async throws -> KerberosTicket {
        try await self.run { [self] in
            try GSSAPICredential.ticket(of: userName, self.openLibrary()) { stage in
                self.stage.withLock { $0 = stage }
            }
        }
    }

    package func negotiation(withHost host: String, ticket: KerberosTicket) async throws -> any Negotiation {
        try await self.run { [self] in
            let library = try self.openLibrary()
            return Exchange(
                negotiation: try GSSAPINegotiation(host: host, ticket: ticket, library: library),
                tickets: self
            )
        }
    }

    /// The library, opened once for the process.
    ///
    /// One that is not there is looked for again the next time: somebody may have installed it.
    private func openLibrary() throws(KerberosError) -> GSSAPILibrary {
        try self.library.withLock { library throws(KerberosError) in
            if let library { return library }
            let opened = try GSSAPILibrary(named: self.libraryName)
            library = opened
            return opened
        }
    }

    private func run<Value: Sendable>(_ call: @escaping @Sendable () throws -> Value) async throws -> Value {
        do {
            return try await self.thread.run(call)
        } catch is BlockingThread.Overdue {
            throw KerberosError.noAnswer(limit: self.limit, from: self.stage.withLock { $0 })
        }
    }

    /// A negotiation whose calls go to the thread.
    fileprivate struct Exchange: Negotiation {
        let negotiation: GSSAPINegotiation
        let tickets: KerberosTickets

        var token: Data { self.negotiation.token }

        func verify(_ answer: Data) async throws {
            try await self.tickets.run { try self.negotiation.verify(answer) }
        }

        func reason(inRefusal answer: Data) async throws -> String? {
            try await self.tickets.run { try self.negotiation.reason(inRefusal: answer) }
        }
    }
}

extension KerberosTickets.Exchange: CustomStringConvertible, CustomReflectable {
    var description: String { "Negotiation(token: <redacted>)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
