import Glibc

/// Asks the library that was loaded before the C library (allocations.c) how often memory was asked for.
enum Allocations {
    private typealias Begin = @convention(c) () -> Void
    private typealias End = @convention(c) () -> UInt

    /// - Returns: nil when the library is not there.
    static func count(_ work: () async throws -> Void) async throws -> UInt? {
        guard let begin = dlsym(nil, "allocations_begin"), let end = dlsym(nil, "allocations_end") else {
            try await work()
            return nil
        }
        unsafeBitCast(begin, to: Begin.self)()
        try await work()
        return unsafeBitCast(end, to: End.self)()
    }
}
