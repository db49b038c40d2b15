import Foundation
import Locking
package import Logging
import OAuthWire
package import TokenTransport

/// Ends grants at their providers when their tokens are deleted here (RFC 7009).
///
/// What is deleted here stays deleted whatever the provider says. It is asked a few times and then no more, and the log says
/// so: then the grant is left to whoever looks at the provider's list of applications.
package final class GrantRevoker: Sendable {
    package typealias Store = RenewalStore & ServiceStore

    private let store: any Store
    private let sealer: CredentialSealer
    private let clients: OAuthClientSource
    private let transport: any HTTPTransport
    private let clock: LeaseClock
    private let logger: Logger
    private let pending = Mutex<[Int: Task<Void, Never>]>([:])
    private let lastID = Mutex(0)

    /// Before the first, the second and the third time that a provider is asked.
    private static let pauses: [Duration] = [.zero, .seconds(2), .seconds(15)]
    private static let timeout = Duration.seconds(10)

    package init(
        store: any Store,
        sealer: CredentialSealer,
        clients: OAuthClientSource,
        transport: any HTTPTransport,
        clock: LeaseClock = .system,
        logger: Logger
    ) {
        self.store = store
        self.sealer = sealer
        self.clients = clients
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    /// What it takes to end the grant of a token, to be found out before the token is deleted.
    ///
    /// - Returns: Nil where there is no grant, or the provider has no way to end one; that is no reason to keep the token.
    package func revocation(of token: StoredToken) async -> GrantRevocation? {
        let key = TokenKey(service: token.service, token: token.name)
        do {
            guard
                // The grant is another store's by now, and that goes on with it.
                token.problem != .restored, token.problem != .exported,
                let version = token.credential?.place.version,
                let service = try await self.store.service(token.service),
                let credential = try await self.store.credential(of: key, version: version, sealer: self.sealer),
                // A token goes nowhere but to where it came from.
                credential.configurationHash == service.configurationHash
            else { return nil }
            let client = try await self.clients.client(for: service)
            let requests = try (0..<max(1, client.secrets.count)).compactMap { secret in
                try client.revocation(
                    refreshToken: credential.refreshToken.map(Secret.init),
                    accessToken: Secret(credential.accessToken),
                    account: AccountIdentity(subject: token.account?.subject),
                    kept: credential.extraValues,
                    secret: secret,
                    now: self.clock.date()
                )
            }
            guard !requests.isEmpty else { return nil }
            return GrantRevocation(
                token: key,
                requests: requests,
                statuses: client.provider.revocation?.statuses ?? [200]
            )
        } catch {
            self.logger.warning(
                "The access that was given for a deleted token is not ended at its provider: \(Self.reason(of: error))",
                metadata: ["token": "\(key)"]
            )
            return nil
        }
    }

    /// Asks the provider, while nobody waits for it.
    package func begin(_ revocation: GrantRevocation) {
        let id = self.lastID.withLock { id in
            id += 1
            return id
        }
        self.pending.withLock { pending in
            pending[id] = Task.detached {
                await self.run(revocation)
                self.pending.withLock { $0[id] = nil }
            }
        }
    }

    /// Waits for what has begun, and does not begin the pauses between two tries.
    package func finish() async {
        let tasks = self.pending.withLock { Array($0.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func run(_ revocation: GrantRevocation) async {
        var reason = ""
        for pause in Self.pauses {
            if pause > .zero {
                do { try await self.clock.sleep(pause) } catch { break }
            }
            switch await self.ask(revocation) {
            case .ended:
                self.logger.info(
                    "The access that was given for a deleted token was ended at its provider",
                    metadata: ["token": "\(revocation.token)"]
                )
                return
            case .refused(let text):
                reason = text
                return self.giveUp(revocation, reason)
            case .unavailable(let text): reason = text
            }
        }
        self.giveUp(revocation, reason)
    }

    private func giveUp(_ revocation: GrantRevocation, _ reason: String) {
        self.logger.warning(
            "The access that was given for a deleted token was not ended at its provider; its owner can do that there.",
            metadata: ["token": "\(revocation.token)", "reason": "\(reason)"]
        )
    }

    private enum Answer {
        case ended
        case refused(String)
        case unavailable(String)
    }

    private func ask(_ revocation: GrantRevocation) async -> Answer {
        var last = Answer.unavailable("no request")
        for var request in revocation.requests {
            request.timeout = Self.timeout
            // A task of its own: what is on its way is not called back when the vault ends.
            let transport = self.transport
            let result = await Task.detached { [request] in await Self.send(request, by: transport) }.value
            switch result {
            case .success(let status) where revocation.statuses.contains(status): return .ended
            case .success(let status) where status == 408 || status == 429 || status >= 500:
                return .unavailable("status \(status)")
            // The next secret may be the right one.
            case .success(let status): last = .refused("status \(status)")
            case .failure(let failure): return .unavailable(failure.text)
            }
        }
        return last
    }

    private struct Failure: Error {
        let text: String
    }

    private static func send(_ request: TransportRequest, by transport: any HTTPTransport) async -> Result<Int, Failure>
    {
        do {
            return .success(try await transport.send(request).status)
        } catch {
            return .failure(Failure(text: Self.reason(of: error)))
        }
    }

    /// The type alone of an error that might describe what it failed on.
    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as ProviderRowError: error.description
        case let error as TransportError: error.description
        default: "\(type(of: error))"
        }
    }
}
