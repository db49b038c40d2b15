import Foundation
import Glibc

/// Reads a secret of one line from a terminal, without showing it.
///
/// A terminal that edits lines itself cuts them to 4,095 bytes without a word (termios(3), canonical mode), and a token can
/// be longer. So the few keys that matter are looked after here.
struct SecretPrompt {
    private let descriptor: Int32
    private let saved: termios

    init(descriptor: Int32) throws {
        var attributes = termios()
        guard tcgetattr(descriptor, &attributes) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        self.descriptor = descriptor
        self.saved = attributes
    }

    /// The line, at most one byte more than the limit.
    func read(limit: Int) throws -> Data {
        var attributes = self.saved
        attributes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | ISIG | IEXTEN)
        guard tcsetattr(self.descriptor, TCSADRAIN, &attributes) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        defer { self.restore() }
        try self.say("Paste the access token and press Enter. It is not shown.\n")
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

    private func say(_ text: String) throws {
        try FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
