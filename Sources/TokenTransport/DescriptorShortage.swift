#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Whether this process may open no more files and sockets.
enum DescriptorShortage {
    /// Whether the next descriptor would be refused.
    static var isPresent: Bool {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == EMFILE || errno == ENFILE }
        close(descriptor)
        return false
    }

    /// The end of a sentence, with what to do.
    static var explanation: String {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let which = isKnown ? "of \(limit.rlim_cur) " : ""
        return "this process has used up its limit \(which)open files (EMFILE); raise it (LimitNOFILE=, ulimit -n)."
    }
}
