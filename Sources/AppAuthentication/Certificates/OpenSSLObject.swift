import COpenSSL

/// An object of OpenSSL that is freed with its owner.
struct OpenSSLObject: ~Copyable {
    let pointer: OpaquePointer
    private let free: @Sendable (OpaquePointer) -> Void

    /// Takes over what a function of OpenSSL made; nil when it made nothing.
    init?(_ pointer: OpaquePointer?, free: @escaping @Sendable (OpaquePointer) -> Void) {
        guard let pointer else { return nil }
        self.pointer = pointer
        self.free = free
    }

    deinit { self.free(self.pointer) }
}

/// What OpenSSL says about the call that failed last on this thread.
enum OpenSSLError {
    static func clear() { ERR_clear_error() }

    /// The reason alone: the whole text names source files and numbers that help nobody.
    static var reason: String {
        ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "no reason was given"
    }
}
