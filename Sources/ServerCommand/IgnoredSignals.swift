import Logging
import ServiceLifecycle
import UnixSignals

/// Signals that mean something to other servers and nothing to these, and that would end the process by default.
///
/// SIGHUP asks for settings to be read again, which here are in the environment of the process; SIGUSR2 and SIGALRM have no
/// meaning.
struct IgnoredSignals: Service, CustomStringConvertible {
    let logger: Logger

    var description: String { "IgnoredSignals" }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup, .sigusr2, .sigalrm)
        for await signal in signals.cancelOnGracefulShutdown() {
            self.logger.notice(
                "ignored a signal: settings are read at the start alone, so restart this program to change them",
                metadata: ["signal": "\(signal)"]
            )
        }
    }
}
