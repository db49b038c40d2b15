import Dispatch
import Foundation
import Glibc

/// What is piped or typed into the program.
enum StandardInput {
    /// Reads to the end, or one byte more than the limit, so that the caller can tell.
    ///
    /// It waits as long as the one who types or pipes takes, on a thread of its own.
    static func read(_ secret: SecretInput) async throws -> Data {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        isatty(STDIN_FILENO) == 1
                            ? try SecretPrompt(descriptor: STDIN_FILENO).read(secret)
                            : try self.readPipe(limit: secret.limit)
                    }
                )
            }
        }
    }

    private static func readPipe(limit: Int) throws -> Data {
        var data = Data()
        while data.count <= limit,
            let chunk = try FileHandle.standardInput.read(upToCount: limit + 1 - data.count),
            !chunk.isEmpty
        {
            data.append(chunk)
        }
        return data
    }
}
