import Glibc

/// A core file would hold every token that the process has.
package enum CoreDumps {
    package static func forbid() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
