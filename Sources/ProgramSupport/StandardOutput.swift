import Glibc

/// The standard output of this process.
package enum StandardOutput {
    /// Writes all of a text.
    ///
    /// - Throws: ``OutputError`` in the words of the system.
    package static func write(_ text: String) throws(OutputError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw OutputError(reason: String(cString: strerror(errno)))
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
