import Glibc

/// The standard output of this process.
package enum StandardOutput {
    /// Writes all of a text.
    ///
    /// - Throws: ``OutputError`` in the words of the system.
    package static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) throws(OutputError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            // Only a failed call leaves a reason behind.
            guard count < 0 else { throw OutputError(reason: "it takes nothing") }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Whoever shares the descriptor made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            case let code: throw OutputError(reason: String(cString: strerror(code)))
            }
        }
    }
}

/// What was to be printed did not get to where standard output leads.
package struct OutputError: ProgramError, Equatable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package var exitStatus: ExitStatus { .output }

    package var description: String { "Standard output cannot be written to: \(self.reason)." }
}
