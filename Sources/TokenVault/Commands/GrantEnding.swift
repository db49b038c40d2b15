import Logging
import ProgramSupport
import TokenTransport
import VaultCore

/// Ends at their providers what people gave for tokens that a command deletes, as the vault does for its callers.
///
/// A vault asks while nobody waits, and its log has what came of it; a command waits, and says it.
struct GrantEnding {
    private let store: any AdministeredStore
    private let clock: LeaseClock
    private let revoker: GrantRevoker?
    /// Why no provider can be asked.
    private let problem: String?

    /// How many tokens are at their providers at a time.
    private static let limit = 4
    /// For how long a command begins to ask.
    private static let patience = Duration.seconds(120)
    /// How long a renewal may take that a vault has under way.
    private static let renewalPatience = Duration.seconds(25)

    /// What keeps providers from being asked, as a setting that is wrong, keeps no token from being deleted.
    init(
        store: any AdministeredStore,
        sealer: CredentialSealer,
        environment: [String: String],
        clock: LeaseClock,
        transport: () throws -> any HTTPTransport
    ) {
        self.store = store
        self.clock = clock
        do {
            let transport = try transport()
            let clients = OAuthClientSource(
                services: store,
                sealer: sealer,
                catalog: try ProviderSettings.catalog(environment: environment),
                transport: transport
            )
            self.revoker = GrantRevoker(
                store: store,
                sealer: sealer,
                clients: clients,
                transport: transport,
                clock: clock,
                // Only what nobody waits for is logged.
                logger: Logger(label: "token-vault") { _ in SwiftLogNoOpLogHandler() }
            )
            self.problem = nil
        } catch {
            self.revoker = nil
            self.problem = (error as? ConfigurationError)?.description ?? "\(type(of: error))"
        }
    }

    /// Waits for renewals that a vault has under way: each brings another refresh token.
    ///
    /// One that does not come to an end, as of a vault that was killed, is left.
    func waitForRenewals(of tokens: [TokenKey]) async throws {
        let end = self.clock.now().advanced(by: Self.renewalPatience)
        for token in tokens {
            while try await self.store.renewal(of: token)?.lease.phase == .armed, end.isAfter(self.clock.now()) {
                try await self.clock.sleep(.milliseconds(200))
            }
        }
    }

    /// What is to become of each; to be found out before they are deleted.
    func fates(of tokens: [StoredToken]) async -> [GrantFate] {
        // A copy on which no vault has started has not noted yet that it is one.
        switch try? await self.store.origin() {
        case .same, .unmarked: break
        case .copy, .undecided, nil: return tokens.map { $0.credential == nil ? .nothing : .shared }
        }
        guard let revoker = self.revoker else {
            let fate = GrantFate.left(reason: "its provider cannot be asked (\(self.problem ?? ""))")
            return tokens.map { $0.credential == nil ? .nothing : fate }
        }
        return await revoker.fates(of: tokens)
    }

    /// What came of asking the providers.
    struct End {
        /// How many grants were ended.
        var ended = 0
        /// Whose were not, and why, in the order of the tokens.
        var left: [(token: StoredToken, reason: String)] = []
        /// What the audit says of it; nil where nobody was to be asked.
        var detail: String?
    }

    /// Asks the providers of tokens that are deleted by now.
    ///
    /// It ends soon: once a provider has not answered to one, or time is up, it is asked for no further one.
    func end(_ tokens: [StoredToken], fates: [GrantFate]) async -> End {
        let pairs = Array(zip(tokens, fates))
        let revocations = fates.enumerated().compactMap { index, fate in fate.revocation.map { (index, $0) } }
        var end = End()
        guard let revoker = self.revoker, !revocations.isEmpty else {
            end.left = pairs.compactMap { pair in pair.1.reason.map { (token: pair.0, reason: $0) } }
            return end
        }
        let deadline = self.clock.now().advanced(by: Self.patience)
        var reasons: [Int: String] = [:]
        var isSilent = false
        func note(_ index: Int, _ result: Result<Void, GrantRevoker.Failure>) {
            guard case .failure(let failure) = result else { return }
            reasons[index] = "its provider did not take that (\(failure.text))"
            isSilent = isSilent || failure.isSilence
        }
        await withTaskGroup(of: (Int, Result<Void, GrantRevoker.Failure>).self) { group in
            var running = 0
            for (index, revocation) in revocations {
                if running == Self.limit, let next = await group.next() {
                    note(next.0, next.1)
                    running -= 1
                }
                guard !isSilent, deadline.isAfter(self.clock.now()) else {
                    reasons[index] = isSilent ? "its provider does not answer" : "asking took too long"
                    continue
                }
                running += 1
                group.addTask { (index, await revoker.end(revocation)) }
            }
            for await next in group { note(next.0, next.1) }
        }
        end.ended = revocations.count - reasons.count
        end.left = pairs.enumerated().compactMap { index, pair in
            (reasons[index] ?? pair.1.reason).map { (token: pair.0, reason: $0) }
        }
        end.detail = "grants ended: \(end.ended), not ended: \(end.left.count)"
        return end
    }
}
