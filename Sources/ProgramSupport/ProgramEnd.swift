import Glibc

/// The last step of every program.
package enum ProgramEnd {
    /// Ends the process, with everything that was written to its log.
    ///
    /// `exit` has each library clear away what it has, while threads of connections still use it: with OpenSSL, which is under libpq
    /// and libcurl, a command whose work is done then ends by a signal. The system takes everything back anyway.
    package static func exit(_ status: Int32) -> Never { quick_exit(status) }
}
