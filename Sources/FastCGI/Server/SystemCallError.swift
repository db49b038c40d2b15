import Glibc

/// A system call that failed, and why.
struct SystemCallError: Error, CustomStringConvertible {
    let call: String
    let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// The system's own words.
    var reason: String { String(cString: strerror(self.code)) }

    var description: String { "\(self.call): \(self.reason)" }
}
