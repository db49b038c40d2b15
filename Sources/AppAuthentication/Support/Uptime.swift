/// The time since this process first asked for it, which no change of the machine's clock moves.
enum Uptime {
    private static let start = ContinuousClock.now

    static func now() -> Duration { self.start.duration(to: .now) }
}
