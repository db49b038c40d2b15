import AppAuthentication
import TokenVaultClient

/// What the steps of a visit found out.
///
/// It lies in the memory of functions that wait, of which each page needs its own, and so it is small: the page is made of it
/// when nothing has to be waited for any more.
struct Visit: Sendable {
    let deadline: PageDeadline
    private(set) var timings = StepTimings()
    /// The latest that there was.
    var accessToken: AccessToken?
    /// What the vault handed out.
    var token: SharedVaultToken?
    /// What ended it before its time.
    var error: (any Error)?
    private var latestStep: ContinuousClock.Instant

    /// A visit that begins now.
    init(limit: Duration) {
        let now = ContinuousClock.now
        self.latestStep = now
        self.deadline = PageDeadline(limit: limit, begin: now)
    }

    /// Adds the time that a step has taken, whether it worked or not.
    mutating func identityEnded() {
        self.timings.identity = (self.timings.identity ?? .zero) + self.step()
    }

    /// The same for the vault.
    mutating func vaultEnded() {
        self.timings.vault = (self.timings.vault ?? .zero) + self.step()
    }

    /// The time since the step before, which nothing else took.
    private mutating func step() -> Duration {
        let now = ContinuousClock.now
        defer { self.latestStep = now }
        return now - self.latestStep
    }
}
