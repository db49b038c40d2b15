import Foundation

/// One part of a page, run again and again.
struct MicroBenchmark {
    struct Result: Codable, CustomStringConvertible {
        let name: String
        /// Median of the samples, for one time.
        let nanoseconds: Double
        /// Calls of malloc and its like, for one time; -1 when nothing counts them.
        let allocations: Double
        /// What is aimed at, where something is.
        let most: Double?
        let mostAllocations: Double?

        var description: String {
            let time = String(format: "%10.0f ns", self.nanoseconds)
            return "\(time)  \(String(format: "%6.1f allocations", self.allocations))  \(self.name)"
        }
    }

    private static let sampleCount = 25
    private static let sampleDuration = Duration.milliseconds(20)

    let name: String
    var most: Double?
    var mostAllocations: Double?
    /// How many times of the part one time of `run` is.
    var batch = 1
    /// Runs the part so many times.
    let run: (Int) async throws -> Void

    func measure() async throws -> Result {
        var count = 1
        while try await self.time(count) < Self.sampleDuration {
            count *= 2
        }
        var samples: [Double] = []
        for _ in 0..<Self.sampleCount {
            samples.append(try await self.time(count) / .nanoseconds(1) / Double(count * self.batch))
        }
        samples.sort()
        let allocations = try await Allocations.count { try await self.run(count) }
        return Result(
            name: self.name,
            nanoseconds: samples[samples.count / 2],
            allocations: allocations.map { Double($0) / Double(count * self.batch) } ?? -1,
            most: self.most,
            mostAllocations: self.mostAllocations
        )
    }

    private func time(_ count: Int) async throws -> Duration {
        let start = ContinuousClock.now
        try await self.run(count)
        return ContinuousClock.now - start
    }
}

/// Keeps the optimizer from leaving out work whose result nobody uses.
@inline(never)
@_optimize(none)
func use<Value>(_ value: Value) {}
