import Glibc

/// Core dumps would hold every secret of the process.
enum CoreDumps {
    /// Forbids them for this process and its children.
    ///
    /// - Returns: False when the system refused, which lowering a limit never is.
    @discardableResult
    static func disable() -> Bool {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        return setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0
    }
}
