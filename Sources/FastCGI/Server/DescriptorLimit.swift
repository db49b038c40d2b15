import Glibc

/// How many files and sockets this process may have open: `RLIMIT_NOFILE`, getrlimit(2).
enum DescriptorLimit {
    /// What a responder needs for calls of its own, while all connections are taken.
    private static let reserve = 256

    /// As many connections as leave descriptors for everything else.
    ///
    /// A peer must not be able to take the last one: HTTP clients and the like end the process when they get none.
    static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        return self.connections(wanted: wanted, limit: Int(clamping: limit.rlim_cur))
    }

    static func connections(wanted: Int, limit: Int) -> Int {
        max(1, min(wanted, limit - min(self.reserve, limit / 2)))
    }
}
