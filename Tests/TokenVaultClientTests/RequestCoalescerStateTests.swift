import Testing

@testable import TokenVaultClient

@Suite struct RequestCoalescerStateTests {
    private typealias State = RequestCoalescerState<String, Int, String>

    private let start = ContinuousClock.now

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { self.start + .milliseconds(milliseconds) }

    private static func name(_ next: State.Next) -> String {
        let words = next.starts.map { "start \($0.id)" } + (next.pause.map { ["pause \($0)"] } ?? [])
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }

    private func arrive(
        _ id: UInt64,
        key: String = "a",
        at milliseconds: Int,
        deadline: Int? = nil,
        in state: inout State
    ) throws -> State.Next {
        try state.arrive(
            Int(id),
            id: id,
            key: key,
            deadline: deadline.map { self.after($0) },
            work: "",
            now: self.after(milliseconds)
        )
    }

    /// Ten browsers, a vault of 100 ms, two calls at once.
    @Test func callsThatBeganTogetherAreDrawnApart() throws {
        var state = State(maxCalls: 2, maxWaiting: 1, sharing: true)
        #expect(Self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(Self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        for id in UInt64(3)...10 {
            #expect(Self.name(try self.arrive(id, at: 1, in: &state)) == "nothing")
        }
        // All of those who wait share the call that takes the place of the first.
        let first = state.ended(1, now: self.after(100))
        #expect(first.callers == [1])
        #expect(Self.name(first.next) == "start 3")
        #expect(Self.name(state.ended(2, now: self.after(100)).next) == "nothing")
        // There is room for another call, but it would end together with that one.
        #expect(Self.name(try self.arrive(11, at: 102, in: &state)) == "pause 0.048 seconds")
        #expect(Self.name(try self.arrive(12, at: 110, in: &state)) == "nothing")
        #expect(Self.name(state.paceIsOver(now: self.after(150))) == "start 11")
        #expect(state.ended(3, now: self.after(200)).callers.sorted() == Array(3...10))
        #expect(state.ended(11, now: self.after(250)).callers.sorted() == [11, 12])
        #expect(state.callCount == 0)
    }

    @Test func afterSharedCallsTheNextKeepsItsDistance() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(Self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        for id in UInt64(2)...9 {
            #expect(Self.name(try self.arrive(id, at: 0, in: &state)) == "nothing")
        }
        #expect(Self.name(state.ended(1, now: self.after(100)).next) == "start 2")
        _ = state.ended(2, now: self.after(101))
        #expect(Self.name(try self.arrive(10, at: 101, in: &state)) == "pause 0.001 seconds")
        #expect(Self.name(state.paceIsOver(now: self.after(102))) == "start 10")
    }

    @Test(arguments: [(true, "pause 0.001 seconds"), (false, "pause 4.999 seconds")])
    func callsThatFailDoNotDrawTheNextOnesApart(failed: Bool, next: String) throws {
        var state = State(maxCalls: 2, maxWaiting: 1, sharing: true)
        #expect(Self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(Self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        for id in UInt64(3)...10 {
            #expect(Self.name(try self.arrive(id, at: 0, in: &state)) == "nothing")
        }
        #expect(Self.name(state.ended(1, failed: failed, now: self.after(10_000)).next) == "start 3")
        #expect(Self.name(state.ended(2, failed: failed, now: self.after(10_000)).next) == "nothing")
        #expect(Self.name(try self.arrive(11, at: 10_001, in: &state)) == next)
    }

    @Test func callsOfAllKeysStartInTheOrderInWhichTheyWereAskedFor() throws {
        var state = State(maxCalls: 2, maxWaiting: 2, sharing: true)
        #expect(Self.name(try self.arrive(1, key: "a", at: 0, in: &state)) == "start 1")
        #expect(Self.name(try self.arrive(2, key: "b", at: 0, in: &state)) == "start 2")
        #expect(Self.name(try self.arrive(3, key: "b", at: 1, in: &state)) == "nothing")
        #expect(Self.name(try self.arrive(4, key: "a", at: 1, in: &state)) == "nothing")
        #expect(throws: RequestCoalescerError.tooManyWaiting) { try self.arrive(5, key: "c", at: 1, in: &state) }
        #expect(Self.name(state.ended(1, now: self.after(9)).next) == "start 3")
        #expect(Self.name(state.ended(2, now: self.after(9)).next) == "start 4")
        #expect(state.callCount == 2)
    }

    /// Two keys wait when the pause is over, and there is room for both.
    @Test func noCallIsForgottenBehindAPause() throws {
        var state = State(maxCalls: 2, maxWaiting: 2, sharing: true)
        #expect(Self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(Self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        for id in UInt64(3)...20 { #expect(Self.name(try self.arrive(id, at: 1, in: &state)) == "nothing") }
        #expect(Self.name(state.ended(1, now: self.after(100)).next) == "start 3")
        #expect(Self.name(try self.arrive(21, at: 101, in: &state)) == "nothing")
        #expect(Self.name(try self.arrive(22, key: "b", at: 101, in: &state)) == "nothing")
        #expect(Self.name(state.ended(2, now: self.after(101)).next) == "pause 0.049125 seconds")
        #expect(Self.name(state.ended(3, now: self.after(120)).next) == "nothing")
        // 21 begins, and 22 keeps its distance from it.
        #expect(Self.name(state.paceIsOver(now: self.after(160))) == "start 21, pause 0.04009375 seconds")
        #expect(Self.name(state.paceIsOver(now: self.after(260))) == "start 22")
    }

    @Test func aLookIsAskedForAtTheEarliestDeadline() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(try self.arrive(1, at: 0, in: &state).check == nil)
        #expect(try self.arrive(2, at: 0, deadline: 500, in: &state).check == self.after(500))
        #expect(try self.arrive(3, at: 10, deadline: 510, in: &state).check == nil)
        #expect(try self.arrive(4, at: 20, deadline: 300, in: &state).check == self.after(300))
        let early = state.expire(now: self.after(300))
        #expect(early.leaves.map(\.caller) == [4])
        #expect(early.check == self.after(500))
        let late = state.expire(now: self.after(500))
        #expect(late.leaves.map(\.caller) == [2])
        #expect(late.check == self.after(510))
        // The one that was asked for first finds nobody, and asks for no other.
        #expect(state.expire(now: self.after(505)).leaves.isEmpty)
        #expect(state.expire(now: self.after(505)).check == nil)
        #expect(state.expire(now: self.after(510)).leaves.map(\.caller) == [3])
        #expect(state.callCount == 1)
        #expect(try self.arrive(5, at: 600, deadline: 900, in: &state).check == self.after(900))
    }
}
