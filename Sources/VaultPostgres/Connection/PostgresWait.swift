import Glibc

/// Waits for a socket.
enum PostgresWait {
    /// Whether something happens at a socket until a deadline; false as well for a socket that is none.
    static func isReady(_ socket: Int32, _ events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        guard socket >= 0 else { return false }
        while true {
            var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
            let rest = ContinuousClock.now.duration(to: deadline)
            let milliseconds = max(rest / .milliseconds(1), 0).rounded(.up)
            let count = poll(&descriptor, 1, Int32(min(milliseconds, 3_600_000)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
            if count == 0, ContinuousClock.now >= deadline { return false }
        }
    }
}
