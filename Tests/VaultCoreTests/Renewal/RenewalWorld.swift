import Foundation
import VaultCore

/// A grant, the row of it, its provider, and the vaults that share the row: everything that an interleaving is made of.
struct RenewalWorld {
    /// What a vault is at: each case is a place where a process can stop, for a while or for good.
    enum Step: Equatable {
        case idle
        /// The row is armed.
        case armed(RenewalPermit)
        /// There was time enough to send when it looked.
        case checked(RenewalPermit)
        /// The request is on the wire.
        case sent(RenewalPermit, refreshToken: Int)
        /// The provider's answer is on the wire.
        case inTransit(RenewalPermit, RotatingProvider.Answer)
        /// The answer is in memory.
        case holding(RenewalPermit, refreshToken: Int)
        /// The answer is stored, and read.
        case kept(RenewalPermit, refreshToken: Int)
        /// There were no tokens.
        case failed(RenewalPermit, RefreshOutcome)
    }

    struct Vault {
        var step = Step.idle
        /// The one that it read when it armed the row.
        var refreshToken = 0
        var incarnation = 0
        /// The leases that it has, or may have, and has sent nothing with.
        var unsent: [RenewalPermit] = []
    }

    /// What a good grant may be lost by.
    enum Window: Int, CaseIterable {
        /// The answer was lost on the wire.
        case wire
        /// The answer was in memory and not on the disk.
        case memory
        /// A process stood still between its look at the lease and the sending.
        case pause
    }

    struct Limits {
        var ticks = 4
        var crashes = 2
        var losses = 2
        var postponements = 1
        var renewals = 1
        var uncertainties = 0
    }

    static let tick: Duration = .seconds(60)
    private static let digests = (0..<16).map { Credential.digest("r\($0)") }

    let limits: Limits
    let terms: RenewalTerms
    var row: RenewalRow
    var provider: RotatingProvider
    var vaults: [Vault]
    /// The answer that is stored and that nobody has read.
    var keptAnswer: Int?
    /// Requests on the wire whose sender is dead.
    var orphans: [Int] = []
    var now = 0
    var crashes = 0
    var losses = 0
    var postponements = 0
    /// How many times nobody could tell whether a lease was stored.
    var uncertainties = 0
    var windows: Set<Int> = []
    /// Whether anybody found the row armed by somebody whose time was over.
    var sawLateOwner = false
    /// How many times each refresh token was sent without an answer that says it was not used.
    var presentations = [Int](repeating: 0, count: 16)
    /// What must not have happened.
    var violation: String?

    init(kind: RotatingProvider.Kind, vaults: Int, limits: Limits) {
        self.limits = limits
        // The row has no pauses, so that every step may come at any time; and it is due.
        self.terms = RenewalTerms(
            rotation: kind.rotation(tick: Self.tick),
            deadline: .seconds(20),
            lease: .seconds(45),
            pause: .zero
        )
        self.provider = RotatingProvider(kind: kind)
        self.vaults = Array(repeating: Vault(), count: vaults)
        self.row = RenewalRow(
            version: 1,
            expiresOn: Self.date(2),
            obtainedOn: Self.date(0),
            refreshDigest: Self.digests[0]
        )
    }

    static func date(_ tick: Int) -> Date { Date(timeIntervalSince1970: Double(tick) * 60) }
    private static let numbers = Dictionary(uniqueKeysWithValues: zip(Self.digests, 0...))
    static func number(of digest: Data?) -> Int { digest.flatMap { Self.numbers[$0] } ?? 15 }

    var leaseTime: LeaseTime { LeaseTime(boot: "b", milliseconds: Int64(self.now) * 60_000) }
    var date: Date { Self.date(self.now) }
    /// A landed token is fresh for the rest of the time, but for as many times as a test wants to see it renewed.
    var isDue: Bool { self.row.version <= self.limits.renewals }
    var storedRefreshToken: Int { Self.number(of: self.row.refreshDigest) }

    var isQuiet: Bool { self.orphans.isEmpty && self.vaults.allSatisfy { $0.step == .idle } }

    /// Whether nobody can get new tokens with what is stored.
    var isLost: Bool {
        !self.provider.accepts(self.keptAnswer ?? self.storedRefreshToken, tick: self.now)
    }

    func owner(_ index: Int) -> String { "\(index).\(self.vaults[index].incarnation)" }

    mutating func apply(_ writes: [RenewalWrite]) {
        for write in writes {
            switch write {
            case .replaceCredential: self.row.version += 1
            case .keepAnswer(let answer): self.keptAnswer = answer.first.map(Int.init)
            case .forgetAnswer, .quarantineKeptAnswer: self.keptAnswer = nil
            case .quarantine, .note: break
            }
        }
    }
}
