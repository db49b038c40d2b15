import Locking

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

    private struct Entry: Sendable {
        var tenantID: String?
        var refreshToken: Secret?
    }

    private let entries = Mutex<[Key: Entry]>([:])

    package init() {}

    func tenantID(for key: Key) -> String? { self.entries.withLock { $0[key]?.tenantID } }

    func refreshToken(for key: Key) -> Secret? { self.entries.withLock { $0[key]?.refreshToken } }

    func remember(tenantID: String?, for key: Key) {
        guard let tenantID, !tenantID.isEmpty else { return }
        self.entries.withLock { $0[key, default: Entry()].tenantID = tenantID }
    }

    func remember(refreshToken: Secret?, for key: Key) {
        guard let refreshToken, !refreshToken.value.isEmpty else { return }
        self.entries.withLock { $0[key, default: Entry()].refreshToken = refreshToken }
    }

    /// Forgets a refresh token that was refused, unless there is a newer one by now.
    func forget(_ refreshToken: Secret, for key: Key) {
        self.entries.withLock { entries in
            if entries[key]?.refreshToken == refreshToken { entries[key]?.refreshToken = nil }
        }
    }
}
