import TestSupport
import Testing
import Waiting

@Suite("Deadline", .timeLimit(.minutes(5)))
struct DeadlineTests {
    private struct Broken: Error {}

    @Test func whatIsDoneInTimeIsReturnedAndWhatFailsIsThrown() async throws {
        let clock = ManualClock()
        #expect(try await withDeadline(after: .seconds(1), clock: clock) { 7 } == 7)
        await #expect(throws: Broken.self) {
            try await withDeadline(after: .seconds(1), clock: clock) { () async throws -> Int in throw Broken() }
        }
    }

    @Test func whatTakesLongerIsCancelled() async throws {
        let clock = ManualClock()
        let isCancelled = Box(false)
        let caller = Task {
            try await withDeadline(after: .seconds(1), clock: clock) {
                await withTaskCancellationHandler {
                    while !Task.isCancelled { await Task.yield() }
                } onCancel: {
                    isCancelled.withLock { $0 = true }
                }
            }
        }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1))
        await #expect(throws: DeadlineExceeded.self) { try await caller.value }
        #expect(isCancelled.value)
    }
}
