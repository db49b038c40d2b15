import Dispatch
import Foundation
import Glibc

/// What is piped into the program.
enum StandardInput {
    /// Reads to the end, or one byte more than the limit, so that the caller can tell.
    ///
    /// It waits as long as the one who types or pipes takes, on a thread of its own.
    static func read(limit: Int) async throws -> Data {
        if isatty(STDIN_FILENO) == 1 {
            try FileHandle.standardError.write(contentsOf: Data("Enter the access token, then press Ctrl-D.\n".utf8))
        }
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        var data = Data()
                        while data.count <= limit,
                            let chunk = try FileHandle.standardInput.read(upToCount: limit + 1 - data.count),
                            !chunk.isEmpty
                        {
                            data.append(chunk)
                        }
                        return data
                    }
                )
            }
        }
    }
}
