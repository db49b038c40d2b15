import CLinux
import Foundation
import Glibc

/// Work done with the rights of an ordinary user, also where the tests run as root.
enum OrdinaryUser {
    /// Runs the body on a thread of its own, whose file system rights alone are those of `nobody`: setfsuid(2).
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async throws -> Result {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                if geteuid() == 0 {
                    setfsuid(65_534)
                }
                continuation.resume(returning: body())
            }
            thread.start()
        }
    }
}
