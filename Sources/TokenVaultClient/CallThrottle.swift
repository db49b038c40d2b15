/// How far calls of one key keep apart because the vault refuses to be asked more often.
///
/// What a vault allows is not known, and others may use it up as well. So each refusal doubles the distance, and each answer takes a
/// little off it: calls come about as often as the vault allows.
struct CallThrottle: Sendable {
    /// A vault that allows less than this is not one that pages can wait for.
    private static let longestDistance: Duration = .seconds(1)
    /// How much is left after each answer: half after 23.
    private static let decay = 0.97

    /// The least distance between two starts; zero while there is no limit.
    private(set) var distance: Duration = .zero
    private var latestGrowth: ContinuousClock.Instant?

    /// The vault has refused to be asked so often.
    ///
    /// - Parameters:
    ///   - start: When that call began. Those that began before the distance grew say nothing about the new one.
    ///   - usual: How far apart calls would begin without a limit.
    ///   - now: The time.
    mutating func refused(start: ContinuousClock.Instant, usual: Duration, now: ContinuousClock.Instant) {
        guard self.latestGrowth.map({ start >= $0 }) ?? true else { return }
        self.latestGrowth = now
        self.distance = min(max(self.distance, usual) * 2, Self.longestDistance)
    }

    /// - Parameter usual: How far apart calls would begin without a limit.
    mutating func answered(usual: Duration) {
        self.distance = self.distance * Self.decay
        if self.distance < usual { self.distance = .zero }
    }
}
