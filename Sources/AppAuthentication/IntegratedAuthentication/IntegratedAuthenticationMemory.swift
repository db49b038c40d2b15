import Locking
import OAuthWire

/// What the process remembers of a user who has signed in: the tenant, and a refresh token that spares the next sign-in.
///
/// Nothing of it is written anywhere; it ends with the process.
package final class IntegratedAuthenticationMemory: Sendable {
    /// The memory that all credentials of the process share unless they are given another one.
    package static let shared = IntegratedAuthenticationMemory()

    /// Who is remembered.
    struct Key: Sendable, Hashable {
        let azureADInstance: String
        /// The name in the settings; nil for whoever has the ticket.
        let userName: String?
    }

    /// What spares the next sign-in, and whose ticket it came from.
    struct SignIn: Sendable, Equatable {
        let refreshToken: Secret
        /// As Kerberos writes the name.
        let ticketPrincipal: String
    }

    private struct Entry: Sendable {
        var tenantID: String?
        var signIn: SignIn?
    }

    private let entries = Mutex<[Key: Entry]>([:])

    package init() {}

    func tenantID(for key: Key) -> String? { self.entries.withLock { $0[key]?.tenantID } }

    func signIn(for key: Key) -> SignIn? { self.entries.withLock { $0[key]?.signIn } }

    func remember(tenantID: String?, for key: Key) {
        guard let tenantID, !tenantID.isEmpty else { return }
        self.entries.withLock { $0[key, default: Entry()].tenantID = tenantID }
    }

    func remember(_ signIn: SignIn, for key: Key) {
        guard !signIn.refreshToken.value.isEmpty else { return }
        self.entries.withLock { $0[key, default: Entry()].signIn = signIn }
    }

    /// Forgets a sign-in that is of no use any more, unless there is a newer one by now.
    func forget(_ signIn: SignIn, for key: Key) {
        self.entries.withLock { entries in
            if entries[key]?.signIn == signIn { entries[key]?.signIn = nil }
        }
    }
}
