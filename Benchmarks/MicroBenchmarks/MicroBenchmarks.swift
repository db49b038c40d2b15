import Foundation

/// Measures the parts of a page one by one: nanoseconds, and how often they ask for memory.
@main
enum MicroBenchmarks {
    static func main() async throws {
        let benchmarks =
            try await [
                TokenLookUp.make(),
                CallSharing.alone(),
                CallSharing.crowd(),
                PageRendering.make(),
                BearerVerification.make(),
                WholePage.make(),
            ] + RequestReading.make()
        let wanted = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
        var results: [MicroBenchmark.Result] = []
        for benchmark in benchmarks where wanted.isEmpty || wanted.contains(where: benchmark.name.contains) {
            results.append(try await benchmark.measure())
        }
        if CommandLine.arguments.contains("--json") {
            print(String(decoding: try JSONEncoder().encode(results), as: UTF8.self))
        } else {
            for result in results {
                print(result)
            }
        }
    }
}
