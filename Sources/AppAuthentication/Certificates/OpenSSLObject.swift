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

    static let noReason = "no reason was given"

    /// The reason alone: the whole text names source files and numbers that help nobody.
    static var reason: String { Self.text(of: ERR_peek_last_error()) ?? Self.noReason }

    /// The reasons of all that failed, the last one last, which are forgotten.
    static var reasons: [String] {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return reasons }
            if let text = Self.text(of: code) { reasons.append(text) }
        }
    }

    private static func text(of code: UInt) -> String? { ERR_reason_error_string(code).map { String(cString: $0) } }
}
