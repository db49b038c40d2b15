import Foundation
import ProgramSupport

/// What another program writes to this one.
enum StandardInput {
    /// Everything until its end, read where that may take its time.
    ///
    /// - Throws: ``UsageError`` when it is longer than anybody means it, or cannot be read.
    static func read(atMost limit: Int = 1 << 20) async throws -> Data {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(
                    with: Result {
                        var all = Data()
                        while let chunk = try? FileHandle.standardInput.read(upToCount: 65_536), !chunk.isEmpty {
                            all.append(chunk)
                            guard all.count <= limit else {
                                throw UsageError("Standard input is longer than \(limit) bytes.")
                            }
                        }
                        return all
                    }
                )
            }
        }
    }
}
