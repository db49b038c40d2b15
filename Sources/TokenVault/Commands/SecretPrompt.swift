import Foundation
import Glibc
import ProgramSupport

/// Reads a secret of one line from a terminal, without showing it.
///
/// A terminal that edits lines itself cuts them to 4,095 bytes without a word (termios(3), canonical mode), and a token can
/// be longer. So the few keys that matter are looked after here.
struct SecretPrompt {
    private let descriptor: Int32
    private let saved: termios
    private let say: (String) throws -> Void

    /// - Parameters:
    ///   - descriptor: The terminal.
    ///   - say: Shows the person what to do.
    /// - Throws: `POSIXError` when it is no terminal.
    init(
        descriptor: Int32,
        say: @escaping (String) throws -> Void = { try FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
    ) throws {
        var attributes = termios()
        guard tcgetattr(descriptor, &attributes) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        self.descriptor = descriptor
        self.saved = attributes
        self.say = say
    }

    /// The line, at most one byte more than the limit.
    ///
    /// - Throws: ``UsageError`` when a new secret was not typed the same way twice.
    func read(_ secret: SecretInput) throws -> Data {
        var attributes = self.saved
        attributes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
        guard tcsetattr(self.descriptor, TCSADRAIN, &attributes) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        defer { self.restore() }
        try self.say("\(secret.isNew ? "Type a new" : "Paste the") \(secret.name) and press Enter. It is not shown.\n")
        let line = try self.readLine(limit: secret.limit)
        guard secret.isNew, !line.isEmpty else { return line }
        try self.say("Type the \(secret.name) once more.\n")
        guard try self.readLine(limit: secret.limit) == line else {
            throw UsageError("The \(secret.name) was not the same both times, so nothing was done: try again.")
        }
        return line
    }

    private func readLine(limit: Int) throws -> Data {
        var line = SecretLine(limit: limit)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(self.descriptor, &buffer, buffer.count)
            guard count > 0 else {
                guard count == 0 || errno != EINTR else { continue }
                return line.data
            }
            switch line.take(buffer[..<count]) {
            case .more: continue
            case .done: return line.data
            case .interrupted:
                self.restore()
                raise(SIGINT)
                return Data()
            }
        }
    }

    private func restore() {
        var saved = self.saved
        tcsetattr(self.descriptor, TCSADRAIN, &saved)
    }
}
