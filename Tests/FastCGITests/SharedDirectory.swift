import Foundation
import Glibc

/// A directory of one test, of mode 0777, which goes when the test does.
final class SharedDirectory: Sendable {
    let path: String

    init() throws {
        // Directly below /tmp, since every directory on the way has to let an ordinary user pass.
        self.path = "/tmp/fcgi-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
        guard chmod(self.path, 0o777) == 0 else { throw POSIXError(.EPERM) }
    }

    deinit {
        chmod(self.path, 0o700)
        try? FileManager.default.removeItem(atPath: self.path)
    }
}
