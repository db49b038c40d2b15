import Locking
import TestSupport
import Testing
import TokenVaultClient

@Suite(.timeLimit(.minutes(5))) struct RequestCoalescerTests {
    private struct Failure: Error, Equatable {
        var number: Int
    }

    private final class Attempts: Sendable {
        private let number = Mutex(0)

        func next() -> Int {
            self.number.withLock { number in
                number += 1
                return number
            }
        }
    }

    // MARK: Sharing

    @Test(arguments: [1, 2, 5])
    func aThousandCallersShareOneNextCall(_ maxCalls: Int) async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: maxCalls)
        var first: [Task<Int, any Error>] = []
        for number in 1...maxCalls {
            first.append(Task { try await calls.value(for: "a") { try await gate.pass() } })
            try await gate.reaches { $0.begun == number }
        }
        let others = (0..<1000).map { _ in Task { try await calls.value(for: "a") { try await gate.pass() } } }
        try await calls.waits(for: "a", callers: 1000 + maxCalls)
        #expect(gate.statistics.begun == maxCalls)
        gate.open(0)
        try await gate.reaches { $0.begun == maxCalls + 1 }
        for number in 0...maxCalls { gate.open(number) }
        for other in others {
            #expect(try await other.value == maxCalls)
        }
        #expect(try await Set(values(of: first)) == Set(0..<maxCalls))
        #expect(gate.statistics.begun == maxCalls + 1)
        #expect(calls.callCount == 0)
    }

    @Test func callersAreNotToldOfALimitThatTheyCanWaitFor() async throws {
        let attempts = Attempts()
        let calls = RequestCoalescer<String, Int>(maxCalls: 4, isThrottling: { $0 is Failure })
        let callers = (0..<10).map { _ in
            Task {
                try await calls.value(for: "a") {
                    let attempt = attempts.next()
                    if attempt <= 3 { throw Failure(number: attempt) }
                    return attempt
                }
            }
        }
        for answer in try await values(of: callers) { #expect(answer > 3) }
        #expect(calls.callCount == 0)
        let hopeless = RequestCoalescer<String, Int>(maxCalls: 4, isThrottling: { $0 is Failure })
        await #expect(throws: Failure(number: 1)) {
            try await hopeless.value(for: "a") { throw Failure(number: 1) }
        }
        #expect(hopeless.callCount == 0)
    }

    @Test func callersThatComeLaterGetTheCallAfterTheNext() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        let second = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await calls.waits(for: "a", callers: 2)
        gate.open(0)
        try await gate.reaches { $0.begun == 2 }
        let third = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await calls.waits(for: "a", callers: 2)
        gate.open(1)
        gate.open(2)
        #expect(try await values(of: [first, second, third]) == [0, 1, 2])
    }

    @Test(arguments: [1, 3], [true, false])
    func allKeysTogetherHaveTheCalls(_ maxCalls: Int, _ sharing: Bool) async throws {
        let gate = Gate()
        let calls = RequestCoalescer<Int, Int>(maxCalls: maxCalls, sharing: sharing)
        var callers: [Task<Int, any Error>] = []
        for key in 0..<10 {
            callers.append(Task { try await calls.value(for: key) { try await gate.pass() } })
            try await calls.waits(for: key, callers: 1)
        }
        #expect(calls.callCount == 10)
        for number in 0..<10 {
            try await gate.reaches { $0.begun == min(10, maxCalls + number) }
            gate.open(number)
        }
        // In the order of arrival, apart from those that began together.
        #expect(try await values(of: callers.dropFirst(maxCalls)) == Array(maxCalls..<10))
        #expect(gate.statistics.most == maxCalls)
        #expect(calls.callCount == 0)
    }

    @Test func callersOfDifferentKeysGetNoAnswerOfTheOther() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, String>(maxCalls: 1)
        let first = Task { try await calls.value(for: "a") { "a\(try await gate.pass())" } }
        try await gate.reaches { $0.begun == 1 }
        let others = (0..<20).map { number in
            let key = number.isMultiple(of: 2) ? "a" : "b"
            return (key, Task { try await calls.value(for: key) { "\(key)\(try await gate.pass())" } })
        }
        try await calls.waits(for: "a", callers: 11)
        try await calls.waits(for: "b", callers: 10)
        #expect(calls.callCount == 3)
        for number in 0..<3 { gate.open(number) }
        #expect(try await first.value == "a0")
        for (key, other) in others { #expect(try await other.value.hasPrefix(key)) }
        #expect(gate.statistics.begun == 3)
    }

    @Test func anErrorIsSharedAndNotRemembered() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        let others = (0..<10).map { _ in
            Task { try await calls.value(for: "a") { throw Failure(number: try await gate.pass()) } }
        }
        try await calls.waits(for: "a", callers: 11)
        gate.open(0)
        gate.open(1)
        #expect(try await first.value == 0)
        for other in others {
            await #expect(throws: Failure(number: 1)) { try await other.value }
        }
        #expect(calls.callCount == 0)
        #expect(try await calls.value(for: "a") { 7 } == 7)
    }

    // MARK: Cancellation

    @Test func aCancelledCallerLeavesAloneAndAtOnce() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        let others = (0..<3).map { _ in Task { try await calls.value(for: "a") { try await gate.pass() } } }
        try await calls.waits(for: "a", callers: 4)
        others[1].cancel()
        await #expect(throws: CancellationError.self) { try await others[1].value }
        gate.open(0)
        try await gate.reaches { $0.begun == 2 }
        // Now among those whose call runs.
        others[0].cancel()
        await #expect(throws: CancellationError.self) { try await others[0].value }
        gate.open(1)
        #expect(try await values(of: [first, others[2]]) == [0, 1])
        #expect(gate.statistics.cancelled == 0)
    }

    @Test func aCallWhoseCallersHaveAllLeftIsCancelled() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        let second = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await calls.waits(for: "a", callers: 2)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        try await gate.reaches { $0.cancelled == 1 && $0.begun == 2 }
        gate.open(1)
        #expect(try await second.value == 1)
    }

    @Test(arguments: [true, false])
    func aWaitingCallWhoseCallersHaveAllLeftIsNeverMade(_ sharing: Bool) async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1, sharing: sharing)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        let others = (0..<5).map { _ in Task { try await calls.value(for: "a") { try await gate.pass() } } }
        try await calls.waits(for: "a", callers: 6)
        for other in others {
            other.cancel()
            await #expect(throws: CancellationError.self) { try await other.value }
        }
        let last = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await calls.waits(for: "a", callers: 2)
        gate.open(0)
        gate.open(1)
        #expect(try await values(of: [first, last]) == [0, 1])
        #expect(gate.statistics.begun == 2)
        #expect(calls.callCount == 0)
    }

    @Test func aCallerThatIsAlreadyCancelledGetsNoAnswer() async throws {
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let caller = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await calls.value(for: "a") {
                try await Task.sleep(for: .seconds(60))
                return 1
            }
        }
        await #expect(throws: CancellationError.self) { try await caller.value }
    }

    // MARK: Without sharing

    @Test func withoutSharingEachCallerHasItsCallInTheOrderOfArrival() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 2, sharing: false)
        var callers: [Task<Int, any Error>] = []
        for number in 0..<20 {
            callers.append(Task { try await calls.value(for: "a") { try await gate.pass() } })
            try await calls.waits(for: "a", callers: number + 1)
        }
        for number in 0..<20 {
            try await gate.reaches { $0.begun == min(20, number + 2) }
            gate.open(number)
            _ = try await callers[number].value
        }
        #expect(try await values(of: callers.dropFirst(2)) == Array(2..<20))
        #expect(gate.statistics.most == 2)
        #expect(calls.callCount == 0)
    }

    @Test func withoutSharingNoMoreThanTheLimitWaits() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 2, maxWaiting: 3, sharing: false)
        let callers = (0..<5).map { _ in Task { try await calls.value(for: "a") { try await gate.pass() } } }
        try await calls.waits(for: "a", callers: 5)
        await #expect(throws: RequestCoalescerError.tooManyWaiting) { try await calls.value(for: "a") { 7 } }
        #expect(calls.callCount == 5)
        // Room for one more as soon as one has left.
        gate.open(0)
        try await gate.reaches { $0.begun == 3 }
        let last = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await calls.waits(for: "a", callers: 5)
        for number in 1..<6 { gate.open(number) }
        #expect(try await Set(values(of: callers + [last])) == Set(0..<6))
    }

    // MARK: Deadlines

    @Test(arguments: [true, false])
    func aCallerLeavesAtItsDeadlineAndTheOthersStay(_ sharing: Bool) async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1, sharing: sharing)
        let first = Task { try await calls.value(for: "a") { try await gate.pass() } }
        try await gate.reaches { $0.begun == 1 }
        // The earlier deadline comes later, which an alarm for the first of them alone would not see.
        let patient = Task {
            try await calls.value(for: "a", until: .now + .seconds(600)) { try await gate.pass() }
        }
        try await calls.waits(for: "a", callers: 2)
        let start = ContinuousClock.now
        await #expect(throws: RequestCoalescerError.deadlinePassed) {
            try await calls.value(for: "a", until: start + .milliseconds(50)) { try await gate.pass() }
        }
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(calls.callerCount(for: "a") == 2)
        gate.open(0)
        gate.open(1)
        #expect(try await values(of: [first, patient]) == [0, 1])
        #expect(gate.statistics.begun == 2)
        #expect(gate.statistics.cancelled == 0)
    }

    @Test func aCallWhoseCallersAreAllTooLateIsCancelled() async throws {
        let gate = Gate()
        let calls = RequestCoalescer<String, Int>(maxCalls: 1)
        let deadlines = [30, 60, 90].map { ContinuousClock.now + .milliseconds($0) }
        let callers = deadlines.map { deadline in
            Task { try await calls.value(for: "a", until: deadline) { try await gate.pass() } }
        }
        for caller in callers {
            await #expect(throws: RequestCoalescerError.deadlinePassed) { try await caller.value }
        }
        #expect(try await eventually { calls.callCount == 0 })
        #expect(gate.statistics.cancelled == gate.statistics.begun)
    }

    // MARK: Never stale

    /// Callers come, are cancelled, and calls end and fail in a random order; nobody may get an answer whose call began
    /// before the question.
    @Test(arguments: [1, 2, 3, 8], [true, false])
    func noAnswerIsOlderThanItsQuestion(_ maxCalls: Int, _ sharing: Bool) async throws {
        let stamps = Stamps()
        let calls = RequestCoalescer<Int, Int>(maxCalls: maxCalls, sharing: sharing)
        let fresh = await withTaskGroup(of: Bool.self) { group in
            for seed in 0..<1500 {
                group.addTask {
                    for _ in 0..<seed % 40 { await Task.yield() }
                    let arrival = stamps.next()
                    let caller = Task {
                        try await calls.value(for: seed % 3) {
                            let begun = stamps.begin()
                            defer { stamps.end() }
                            for _ in 0..<(seed * 7) % 23 { await Task.yield() }
                            if seed.isMultiple(of: 5) { throw Failure(number: begun) }
                            return begun
                        }
                    }
                    if seed.isMultiple(of: 4) {
                        for _ in 0..<seed % 9 { await Task.yield() }
                        caller.cancel()
                    }
                    switch await caller.result {
                    case .success(let begun): return begun > arrival
                    case .failure(let failure as Failure): return failure.number > arrival
                    case .failure(let error): return error is CancellationError && seed.isMultiple(of: 4)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(fresh.count == 1500)
        #expect(fresh.allSatisfy { $0 })
        #expect(stamps.most <= maxCalls)
        #expect(try await eventually { calls.callCount == 0 })
    }
}

// MARK: -

private func values(of tasks: some Sequence<Task<Int, any Error>>) async throws -> [Int] {
    var values: [Int] = []
    for task in tasks { values.append(try await task.value) }
    return values
}

extension RequestCoalescer {
    fileprivate func waits(for key: Key, callers: Int) async throws {
        #expect(try await eventually { self.callerCount(for: key) == callers })
    }
}
