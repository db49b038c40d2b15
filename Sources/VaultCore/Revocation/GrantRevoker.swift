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
    package typealias Store = ServiceStore & TokenStore & RenewalStore

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
    /// How many providers are asked at a time where many tokens go together.
    private static let limit = 4

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

    /// What is to become of the grants of tokens of one service; to be found out before they are deleted.
    ///
    /// That a provider cannot be told is no reason to keep a token. It is told of nothing that others may go on with.
    package func fates(of tokens: [StoredToken]) async -> [GrantFate] {
        var client: Client?
        var kept: Set<String>?
        var fates: [GrantFate] = []
        for token in tokens {
            guard let sealed = token.credential else {
                fates.append(.nothing)
                continue
            }
            // The grant is another store's by now, or that goes on with it.
            guard !token.isShared, token.problem != .restored, token.problem != .exported else {
                fates.append(.shared)
                continue
            }
            if client == nil { client = await self.client(of: token.service) }
            guard let client else { continue }
            var fate = await self.fate(of: token, sealed, client: client)
            if let revocation = fate.revocation,
                let reason = await self.doubt(of: token, sealed, revocation, besides: tokens, kept: &kept)
            {
                fate = .left(reason: reason)
            }
            fates.append(fate)
        }
        return fates
    }

    /// Why a grant is left that may be another token's too, or has another refresh token by now; nil where neither may be.
    private func doubt(
        of token: StoredToken,
        _ sealed: SealedCredential,
        _ revocation: GrantRevocation,
        besides deleted: [StoredToken],
        kept: inout Set<String>?
    ) async -> String? {
        do {
            if revocation.endsGrant, let account = token.account {
                if kept == nil { kept = try await self.accounts(besides: deleted, of: token.service) }
                if kept?.contains(account.subject) == true { return "another token of the same account is kept" }
            }
            let renewal = try await self.store.renewal(of: revocation.token)
            return renewal?.lease.phase == .idle && renewal?.version == sealed.version ? nil : "it was being renewed"
        } catch {
            return Self.reason(of: error)
        }
    }

    /// Whose tokens stay that the same client got: a provider may have one grant for all of an account.
    private func accounts(besides deleted: [StoredToken], of service: String) async throws -> Set<String> {
        guard let client = try await self.store.service(service)?.configuration else { return [] }
        let gone = Set(deleted.map { TokenKey(service: $0.service, token: $0.name) })
        var accounts: Set<String> = []
        for service in try await self.store.services()
        where service.provider == client.provider && service.configuration.clientID == client.clientID {
            for token in try await self.store.tokens(of: service.name, after: "", limit: .max)
            where token.credential != nil && !gone.contains(TokenKey(service: token.service, token: token.name)) {
                if let account = token.account { accounts.insert(account.subject) }
            }
        }
        return accounts
    }

    private enum Client {
        case known(OAuthClient, configurationHash: String)
        case unknown(reason: String, configurationHash: String?)

        var configurationHash: String? {
            switch self {
            case .known(_, let hash): hash
            case .unknown(_, let hash): hash
            }
        }
    }

    private func client(of service: String) async -> Client {
        var hash: String?
        do {
            guard let service = try await self.store.service(service) else {
                return .unknown(reason: "its service is gone", configurationHash: nil)
            }
            hash = service.configurationHash
            return .known(try await self.clients.client(for: service), configurationHash: service.configurationHash)
        } catch {
            return .unknown(reason: Self.reason(of: error), configurationHash: hash)
        }
    }

    private func fate(of token: StoredToken, _ sealed: SealedCredential, client: Client) async -> GrantFate {
        do {
            let credential = try await self.sealer.open(sealed)
            // A token goes nowhere but to where it came from.
            guard !credential.configurationHash.isEmpty else {
                return .left(reason: "nobody knows to which client it was given")
            }
            guard credential.configurationHash == client.configurationHash else {
                return .left(reason: "it was not given to the service as that is now")
            }
            let known: OAuthClient
            switch client {
            case .known(let client, _): known = client
            case .unknown(let reason, _): return .left(reason: reason)
            }
            let requests: @Sendable (Date) throws -> [TransportRequest] = { now in
                try (0..<max(1, known.secrets.count)).compactMap { secret in
                    try known.revocation(
                        refreshToken: credential.refreshToken.map(Secret.init),
                        accessToken: Secret(credential.accessToken),
                        account: AccountIdentity(subject: token.account?.subject),
                        kept: credential.extraValues,
                        secret: secret,
                        now: now
                    )
                }
            }
            guard let rules = known.provider.revocation, try !requests(self.clock.date()).isEmpty else {
                return .left(reason: "its provider has no way for that")
            }
            return .ending(
                GrantRevocation(
                    token: TokenKey(service: token.service, token: token.name),
                    requests: requests,
                    statuses: rules.statuses,
                    endsGrant: rules.endsGrant
                )
            )
        } catch {
            return .left(reason: Self.reason(of: error))
        }
    }

    /// Asks the providers, while nobody waits for it; the log says what came of it.
    package func begin(_ revocations: [GrantRevocation]) {
        guard !revocations.isEmpty else { return }
        let id = self.lastID.withLock { id in
            id += 1
            return id
        }
        self.pending.withLock { pending in
            pending[id] = Task.detached {
                await self.run(revocations)
                self.pending.withLock { $0[id] = nil }
            }
        }
    }

    private func run(_ revocations: [GrantRevocation]) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, revocation) in revocations.enumerated() {
                if index >= Self.limit { await group.next() }
                guard index < Self.limit || !Task.isCancelled else {
                    let stop = Failure(text: "the vault was stopped")
                    for rest in revocations[index...] { self.log(.failure(stop), rest) }
                    return
                }
                group.addTask { self.log(await self.end(revocation), revocation) }
            }
        }
    }

    /// Waits for what has begun, and does not begin the pauses between two tries.
    package func finish() async {
        let tasks = self.pending.withLock { Array($0.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Why a grant was not ended, for a person.
    package struct Failure: Error, Sendable, Hashable {
        package let text: String
        /// Whether it came to no answer: another grant at the same provider would fare no better.
        package var isSilence = false
    }

    /// Asks the provider, and waits for what comes of it.
    package func end(_ revocation: GrantRevocation) async -> Result<Void, Failure> {
        var reason = ""
        for pause in Self.pauses {
            if pause > .zero {
                do { try await self.clock.sleep(pause) } catch { break }
            }
            switch await self.ask(revocation) {
            case .ended: return .success(())
            case .refused(let text): return .failure(Failure(text: text))
            case .unavailable(let text): reason = text
            }
        }
        return .failure(Failure(text: reason, isSilence: true))
    }

    private func log(_ result: Result<Void, Failure>, _ revocation: GrantRevocation) {
        switch result {
        case .success:
            self.logger.info(
                "The access that was given for a deleted token was ended at its provider",
                metadata: ["token": "\(revocation.token)"]
            )
        case .failure(let failure):
            self.logger.warning(
                "The access that was given for a deleted token was not ended at its provider; its owner can do that there.",
                metadata: ["token": "\(revocation.token)", "reason": "\(failure.text)"]
            )
        }
    }

    private enum Answer {
        case ended
        case refused(String)
        case unavailable(String)
    }

    private func ask(_ revocation: GrantRevocation) async -> Answer {
        let requests: [TransportRequest]
        do { requests = try revocation.requests(self.clock.date()) } catch {
            return .refused(Self.reason(of: error))
        }
        var last = Answer.unavailable("no request")
        for var request in requests {
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
