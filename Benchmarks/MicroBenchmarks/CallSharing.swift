import TokenVaultClient

/// What sharing costs on top of a call that takes no time.
enum CallSharing {
    static func alone() -> MicroBenchmark {
        let calls = RequestCoalescer<String, Int>(maxCalls: 4)
        return MicroBenchmark(name: "shared call, one caller") { count in
            for number in 0..<count {
                use(try await calls.value(for: "key") { number })
            }
        }
    }

    /// A thousand callers at once; the figure is for one of them.
    static func crowd() -> MicroBenchmark {
        let size = 1000
        let calls = RequestCoalescer<String, Int>(maxCalls: 4)
        return MicroBenchmark(name: "shared call, one of 1,000 callers", batch: size) { count in
            for number in 0..<count {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<size {
                        group.addTask { try await calls.value(for: "key") { number } }
                    }
                    for try await value in group {
                        use(value)
                    }
                }
            }
        }
    }
}
