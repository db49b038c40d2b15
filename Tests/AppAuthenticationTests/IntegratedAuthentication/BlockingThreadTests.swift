import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

struct BlockingThreadTests {
    private struct Failure: Error {}

    @Test func callsRunOneAfterTheOtherOffThePool() async throws {
        let thread = BlockingThread(limit: .seconds(20), pause: .zero)
        let running = Box(0)
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await thread.run {
                        let now = running.withLock { running in
                            running += 1
                            return running
                        }
                        #expect(now == 1)
                        usleep(200)
                        running.withLock { $0 -= 1 }
                        return number
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(results.count == 50)
    }

    @Test func aFailureIsHandedOn() async throws {
        let thread = BlockingThread(limit: .seconds(20), pause: .seconds(60))
        await #expect(throws: Failure.self) { try await thread.run { throw Failure() } }
        #expect(try await thread.run { 1 } == 1)
    }

    @Test func aCallThatHangsIsLeftBehindAndOthersAreRefusedAtOnce() async throws {
        let limit = Duration.milliseconds(200)
        let thread = BlockingThread(limit: limit, pause: .zero)
        let obstacle = Obstacle()
        let ran = Box(0)
        let hanging = Task { try await thread.run { obstacle.wait() } }
        try await obstacle.waitForCall()
        let waiting = Task { try await thread.run { ran.withLock { $0 += 1 } } }
        await #expect(throws: BlockingThread.Overdue.self) { try await hanging.value }
        await #expect(throws: BlockingThread.Overdue.self) { try await waiting.value }
        let start = ContinuousClock.now
        for _ in 0..<100 {
            await #expect(throws: BlockingThread.Overdue.self) { try await thread.run { ran.withLock { $0 += 1 } } }
        }
        // A hundred that wait would take a hundred limits, on however slow a machine.
        #expect(ContinuousClock.now - start < limit * 75)
        obstacle.open()
        // Once the call has come to its end, the thread is as good as new.
        var result: Int?
        for _ in 0..<500 where result == nil {
            result = try? await thread.run { 7 }
            if result == nil { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(result == 7)
        #expect(ran.value == 0)
    }

    @Test func afterAHangThereIsAPause() async throws {
        let thread = BlockingThread(limit: .milliseconds(50), pause: .seconds(60))
        let obstacle = Obstacle()
        await #expect(throws: BlockingThread.Overdue.self) { try await thread.run { obstacle.wait() } }
        obstacle.open()
        try await Task.sleep(for: .milliseconds(50))
        await #expect(throws: BlockingThread.Overdue.self) { try await thread.run { 1 } }
    }

    @Test func aCallerThatIsCancelledLeavesBeforeItsCallEnds() async throws {
        // Whoever stayed would meet the limit, which is another error, or the end of the call, which is none.
        let thread = BlockingThread(limit: .seconds(120), pause: .zero)
        let obstacle = Obstacle()
        let task = Task { try await thread.run { obstacle.wait() } }
        try await obstacle.waitForCall()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        obstacle.open()
        #expect(try await thread.run { 1 } == 1)
    }

    @Test func aCallThatHangsAfterItsCallerHasLeftCostsTheNextOneItsLimitAndNoMore() async throws {
        let thread = BlockingThread(limit: .milliseconds(100), pause: .seconds(600))
        let obstacle = Obstacle()
        let task = Task { try await thread.run { obstacle.wait() } }
        try await obstacle.waitForCall()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: BlockingThread.Overdue.self) { try await thread.run { 1 } }
        obstacle.open()
        await #expect(throws: BlockingThread.Overdue.self) { try await thread.run { 1 } }
    }

    /// Holds up a thread that is there to be held up.
    private final class Obstacle: Sendable {
        private let isOpen = Box(false)
        private let hasCall = Box(false)

        func open() { self.isOpen.withLock { $0 = true } }

        func wait() {
            self.hasCall.withLock { $0 = true }
            while !self.isOpen.value { usleep(1000) }
        }

        /// Waits until a call has come.
        func waitForCall() async throws {
            while !self.hasCall.value { try await Task.sleep(for: .milliseconds(1)) }
        }
    }
}
