import Foundation
import Locking
package import Logging
import ProgramMetrics

/// Keeps tokens fresh: one renewal at a time for each, whoever asks and in whichever process.
///
/// What it does when is decided by ``RenewalRow``; this performs it. A renewal that has begun goes on when nobody waits for
/// it any more.
package final class TokenRenewal: Sendable {
    package struct Settings: Sendable {
        /// How long one exchange with a provider may take.
        package var deadline: Duration = .seconds(20)
        package var lease: Duration = .seconds(45)
        /// How many calls a service's provider gets at a time.
        package var maxCalls = 8
        /// How long a reader waits while the access token lives.
        package var patience: Duration = .seconds(2)
        /// How long a reader waits when there is nothing else to have.
        package var longPatience: Duration = .seconds(25)
        /// The pause between two looks for tokens that are due.
        package var sweepPause: Duration = .seconds(5)

        package init() {}
    }

    let store: any RenewalStore
    let sealer: CredentialSealer
    let refresher: any TokenRefresher
    let owner: String
    let isAlive: @Sendable (String) -> Bool
    let clock: LeaseClock
    let settings: Settings
    let metrics: VaultMetrics
    let logger: Logger
    let gates: ServiceGates
    /// Where answers go that the store cannot take.
    let journal: AnswerJournal?
    let unsent = UnsentPermits()
    /// Those of the journal that were complained of.
    let damagedBlocks = Mutex<Set<Int>>([])
    private let runs = Mutex<[TokenKey: RenewalRun]>([:])
    private let isEnding = Mutex(false)

    /// Begins nothing yet; the owner is the name of this process in leases, and others are alive or not.
    package init(
        store: any RenewalStore,
        sealer: CredentialSealer,
        refresher: any TokenRefresher,
        owner: String,
        isAlive: @escaping @Sendable (String) -> Bool,
        journal: AnswerJournal? = nil,
        clock: LeaseClock = .system,
        settings: Settings = Settings(),
        metrics: VaultMetrics = VaultMetrics(),
        logger: Logger
    ) {
        self.store = store
        self.sealer = sealer
        self.refresher = refresher
        self.owner = owner
        self.isAlive = isAlive
        self.journal = journal
        self.clock = clock
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
        self.gates = ServiceGates(limit: settings.maxCalls)
    }

    /// Renews a token if it is due, and waits for that: for long only when the access token has expired.
    package func refresh(_ token: TokenKey) async throws -> RenewalEnd {
        guard let row = try await self.store.renewal(of: token), row.refreshDigest != nil else { return .current }
        guard !row.isRepointed else { return .problem(.serviceChanged) }
        if let problem = row.problem, problem.endsGrant { return .problem(problem) }
        let now = self.clock.date()
        guard RenewalSchedule.mayBeDue(expiresOn: row.expiresOn, at: now) else { return .current }
        let terms = try await self.refresher.terms(of: token.service)
        guard RenewalSchedule.isDue(row, at: now, cap: terms.marginCap) else { return .current }
        let patience = row.isExpired(at: now) ? self.settings.longPatience : self.settings.patience
        let end = await self.run(of: token, isUrgent: true).end(within: patience, clock: self.clock)
        return end ?? .later(.seconds(1))
    }

    /// The renewal of a token that is under way, or a new one.
    func run(of token: TokenKey, isUrgent: Bool) -> RenewalRun {
        let (run, isNew) = self.runs.withLock { runs in
            if let run = runs[token] { return (run, false) }
            let run = RenewalRun()
            runs[token] = run
            return (run, true)
        }
        if isNew {
            Task.detached {
                let end = await self.renew(token, isUrgent: isUrgent)
                self.runs.withLock { $0[token] = nil }
                run.finish(end)
            }
        } else if isUrgent {
            self.metrics.coalesced.increment()
            self.gates.hurry(token)
        }
        return run
    }

    /// Waits for the renewal of one token that this process has under way.
    package func finish(_ token: TokenKey) async {
        guard let run = self.runs.withLock({ $0[token] }) else { return }
        _ = await run.end(within: self.settings.longPatience, clock: self.clock)
    }

    /// Whether no request is begun any more.
    package var hasEnded: Bool { self.isEnding.withLock { $0 } }

    /// Begins no more requests, and waits for the answers to those that are under way.
    package func finish() async {
        self.isEnding.withLock { $0 = true }
        let runs = self.runs.withLock { Array($0.values) }
        await withTaskGroup(of: Void.self) { group in
            for run in runs {
                group.addTask { _ = await run.end(within: self.settings.longPatience, clock: self.clock) }
            }
        }
    }
}
