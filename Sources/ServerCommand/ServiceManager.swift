import Glibc

/// What systemd, or another service manager, is told of this process.
///
/// Nobody waits for a manager that does not read: what has no room in its socket is sent again later, or is out of date by then.
struct ServiceManager: Sendable {
    enum Message: String, Sendable {
        case isReady = "READY=1"
        case isStopping = "STOPPING=1"
        case isAlive = "WATCHDOG=1"
    }

    /// How often the manager wants to hear that this process is alive, at the least; nil when it does not watch.
    let watchdogInterval: Duration?
    private let socket: NotificationSocket

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///
    /// - Returns: nil when nobody wants to be told, or in a way that this process does not know.
    init?(environment: [String: String], processID: pid_t = getpid()) {
        guard let socket = environment["NOTIFY_SOCKET"].flatMap(NotificationSocket.init(name:)) else { return nil }
        self.socket = socket
        self.watchdogInterval = Self.watchdogInterval(environment, processID: processID)
    }

    /// sd_watchdog_enabled(3): the time may be meant for another process.
    private static func watchdogInterval(_ environment: [String: String], processID: pid_t) -> Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 else {
            return nil
        }
        if let watched = environment["WATCHDOG_PID"], watched != String(processID) { return nil }
        return .microseconds(microseconds)
    }

    /// Sends a message without waiting; a manager that has gone is no reason to end.
    ///
    /// - Returns: false when there is no room for it now.
    @discardableResult
    func send(_ message: Message) -> Bool {
        self.socket.send(message.rawValue)
    }

    /// Says that this process is ready, and then, until the task is cancelled, that it is alive.
    ///
    /// Run this where the work is done: when that comes to a stop, so do the messages, and the manager starts the process again.
    func reportLife() async {
        // Without this one, systemd would take the start for one that failed.
        guard await self.repeatedly(send: .isReady, every: .milliseconds(100)) else { return }
        guard let interval = self.watchdogInterval else { return }
        // Half of the time, as sd_watchdog_enabled(3) recommends. The next one after one that was lost would come too late.
        while (try? await Task.sleep(for: interval / 2)) != nil {
            guard await self.repeatedly(send: .isAlive, every: min(.seconds(1), interval / 8)) else { return }
        }
    }

    /// Sends a message until there is room for it.
    ///
    /// - Returns: false when the task was cancelled.
    private func repeatedly(send message: Message, every pause: Duration) async -> Bool {
        while !self.send(message) {
            guard (try? await Task.sleep(for: pause)) != nil else { return false }
        }
        return true
    }
}
