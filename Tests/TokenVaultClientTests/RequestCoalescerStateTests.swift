import Testing

@testable import TokenVaultClient

extension RequestCoalescerState {
    fileprivate mutating func ended(
        _ id: ID,
        _ outcome: Line.Outcome = .answered,
        now: Instant
    ) -> (callers: [Caller], next: Next) {
        self.ended(id, outcome, nextID: 1000 + id, now: now)
    }
}

@Suite struct RequestCoalescerStateTests {
    private typealias State = RequestCoalescerState<String, Int, String>

    private let start = ContinuousClock.now

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { self.start + .milliseconds(milliseconds) }

    /// In words; times are those since the start.
    private func name(_ next: State.Next) -> String {
        let words =
            next.starts.map { "start \($0.id)" } + (next.pause.map { ["pause until \($0.end - self.start)"] } ?? [])
            + (next.throttle.map { ["throttled until \($0 - self.start)"] } ?? [])
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

    private func pauseIsOver(_ end: Int, key: String = "a", at now: Int? = nil, in state: inout State) -> State.Next {
        state.pauseIsOver(.init(key: key, end: self.after(end)), now: self.after(now ?? end))
    }

    /// Ten browsers, a vault of 100 ms, two calls at once.
    @Test func callsThatBeganTogetherAreDrawnApart() throws {
        var state = State(maxCalls: 2, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        #expect(self.name(try self.arrive(3, at: 1, in: &state)) == "pause until 0.002 seconds")
        for id in UInt64(4)...10 {
            #expect(self.name(try self.arrive(id, at: 1, in: &state)) == "nothing")
        }
        #expect(self.name(self.pauseIsOver(2, in: &state)) == "nothing")
        // All of those who wait share the call that takes the place of the first.
        let first = state.ended(1, now: self.after(100))
        #expect(first.callers == [1])
        #expect(self.name(first.next) == "start 3")
        #expect(self.name(state.ended(2, now: self.after(100)).next) == "nothing")
        // There is room for another call, but it would end together with that one.
        #expect(self.name(try self.arrive(11, at: 102, in: &state)) == "pause until 0.15 seconds")
        #expect(self.name(try self.arrive(12, at: 110, in: &state)) == "nothing")
        #expect(self.name(self.pauseIsOver(150, in: &state)) == "start 11")
        #expect(state.ended(3, now: self.after(200)).callers.sorted() == Array(3...10))
        #expect(state.ended(11, now: self.after(250)).callers.sorted() == [11, 12])
        #expect(state.callCount == 0)
    }

    @Test func afterSharedCallsTheNextKeepsItsDistance() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        for id in UInt64(2)...9 {
            #expect(self.name(try self.arrive(id, at: 0, in: &state)) == "nothing")
        }
        #expect(self.name(state.ended(1, now: self.after(100)).next) == "start 2")
        _ = state.ended(2, now: self.after(101))
        #expect(self.name(try self.arrive(10, at: 101, in: &state)) == "pause until 0.103 seconds")
        #expect(self.name(self.pauseIsOver(103, in: &state)) == "start 10")
    }

    /// Eight browsers have had their answers at 100 ms, in a call that began at that time.
    private func servedCrowd() throws -> State {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        for id in UInt64(2)...9 { #expect(self.name(try self.arrive(id, at: 0, in: &state)) == "nothing") }
        #expect(self.name(state.ended(1, now: self.after(100)).next) == "start 2")
        #expect(state.ended(2, now: self.after(100)).callers.count == 8)
        return state
    }

    @Test func theNextCallBeginsAsSoonAsEverybodyIsBack() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 101, in: &state)) == "pause until 0.102 seconds")
        for id in UInt64(12)...17 { #expect(self.name(try self.arrive(id, at: 101, in: &state)) == "nothing") }
        #expect(self.name(try self.arrive(18, at: 101, in: &state)) == "start 11")
        #expect(self.name(self.pauseIsOver(102, in: &state)) == "nothing")
        #expect(state.ended(11, now: self.after(104)).callers.sorted() == Array(11...18))
    }

    @Test func whoeverLeavesIsNotBack() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 101, in: &state)) == "pause until 0.102 seconds")
        for id in UInt64(12)...17 { #expect(self.name(try self.arrive(id, at: 101, in: &state)) == "nothing") }
        #expect(state.leave(12).caller == 12)
        #expect(self.name(try self.arrive(18, at: 101, in: &state)) == "nothing")
        #expect(self.name(try self.arrive(19, at: 101, in: &state)) == "start 11")
    }

    @Test func whenAllOfThemLeaveTheNextBeginsAnew() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 101, in: &state)) == "pause until 0.102 seconds")
        #expect(state.leave(11).caller == 11)
        #expect(self.name(self.pauseIsOver(102, in: &state)) == "nothing")
        #expect(state.callCount == 0)
        #expect(self.name(try self.arrive(12, at: 110, in: &state)) == "start 12")
    }

    @Test func whoeverComesWhenTheDistanceIsKeptDoesNotWaitForTheTimer() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 101, in: &state)) == "pause until 0.102 seconds")
        #expect(self.name(try self.arrive(12, at: 102, in: &state)) == "start 11")
        // The next one waits for the same timer, which asks for another where it comes too early.
        #expect(state.ended(11, now: self.after(102)).callers.count == 2)
        #expect(self.name(try self.arrive(13, at: 102, in: &state)) == "nothing")
        #expect(self.name(self.pauseIsOver(102, at: 103, in: &state)) == "pause until 0.104 seconds")
        #expect(self.name(self.pauseIsOver(104, in: &state)) == "start 13")
    }

    /// Each visitor may have a token of their own, and so a line.
    @Test func nobodyWaitsForWhatOthersAsk() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 101, in: &state)) == "pause until 0.102 seconds")
        #expect(self.name(try self.arrive(21, key: "b", at: 101, in: &state)) == "start 21")
        #expect(self.name(state.ended(21, .failed, now: self.after(101)).next) == "nothing")
        #expect(self.name(try self.arrive(22, key: "c", at: 101, in: &state)) == "start 22")
        // There is one place.
        #expect(self.name(self.pauseIsOver(102, in: &state)) == "nothing")
        #expect(self.name(state.ended(22, now: self.after(103)).next) == "start 11")
    }

    @Test func aTokenWhoseCallsHangLeavesPlacesToOthers() throws {
        var state = State(maxCalls: 4, maxWaiting: 4, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        _ = state.ended(1, now: self.after(1))
        #expect(self.name(try self.arrive(3, at: 10, in: &state)) == "start 3")
        #expect(self.name(try self.arrive(4, at: 20, in: &state)) == "nothing")
        #expect(self.name(try self.arrive(21, key: "b", at: 20, in: &state)) == "start 21")
        #expect(self.name(state.ended(2, now: self.after(30)).next) == "start 4")
        #expect(state.callCount == 3)
    }

    @Test func whoComesAndGoesIsNotRemembered() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        for id in UInt64(2)...10_001 {
            #expect(self.name(try self.arrive(id, at: 1, in: &state)) == "nothing")
            #expect(state.leave(id).caller == Int(id))
        }
        #expect(state.callCount == 1)
        #expect(self.name(try self.arrive(20_000, at: 2, in: &state)) == "nothing")
        #expect(self.name(state.ended(1, now: self.after(3)).next) == "start 20000")
        let arrays = Mirror(reflecting: state).children.compactMap { $0.value as? [UInt64] }
        #expect(!arrays.isEmpty && arrays.allSatisfy { $0.count < 100 })
    }

    @Test func aLineThatManyUseIsRememberedForAWhile() throws {
        for others in [7, 8] {
            var state = try self.servedCrowd()
            for other in 0..<others {
                let id = UInt64(100 + 10 * other)
                _ = try self.arrive(id, key: "\(other)", at: 100, in: &state)
                for more in 1...7 { _ = try self.arrive(id + UInt64(more), key: "\(other)", at: 100, in: &state) }
                _ = state.ended(id, now: self.after(100))
                _ = state.ended(id + 1, now: self.after(100))
            }
            #expect(state.callCount == 0)
            let isRemembered = others < 8
            #expect(
                self.name(try self.arrive(11, at: 101, in: &state))
                    == (isRemembered ? "pause until 0.102 seconds" : "start 11")
            )
        }
    }

    @Test func aCallThatWasGivenUpSaysNothingOfTheVault() throws {
        var state = try self.servedCrowd()
        #expect(self.name(try self.arrive(11, at: 110, in: &state)) == "start 11")
        #expect(state.leave(11).caller == 11)
        #expect(state.ended(11, .failed, now: self.after(110)).callers == [])
        for id in UInt64(12)...18 { _ = try self.arrive(id, at: 111, in: &state) }
        // Had it failed, they would wait for two milliseconds.
        #expect(self.name(try self.arrive(19, at: 111, in: &state)) == "start 12")
    }

    @Test(arguments: [(true, "pause until 10.002 seconds"), (false, "pause until 15.0 seconds")])
    func callsThatFailDoNotDrawTheNextOnesApart(failed: Bool, next: String) throws {
        var state = State(maxCalls: 2, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        #expect(self.name(try self.arrive(3, at: 0, in: &state)) == "pause until 0.002 seconds")
        for id in UInt64(4)...10 {
            #expect(self.name(try self.arrive(id, at: 0, in: &state)) == "nothing")
        }
        #expect(self.name(self.pauseIsOver(2, in: &state)) == "nothing")
        #expect(self.name(state.ended(1, failed ? .failed : .answered, now: self.after(10_000)).next) == "start 3")
        #expect(self.name(state.ended(2, failed ? .failed : .answered, now: self.after(10_000)).next) == "nothing")
        #expect(self.name(try self.arrive(11, at: 10_001, in: &state)) == next)
    }

    @Test func callsOfAllKeysStartInTheOrderInWhichTheyWereAskedFor() throws {
        var state = State(maxCalls: 2, maxWaiting: 2, sharing: true)
        #expect(self.name(try self.arrive(1, key: "a", at: 0, in: &state)) == "start 1")
        #expect(self.name(try self.arrive(2, key: "b", at: 0, in: &state)) == "start 2")
        #expect(self.name(try self.arrive(3, key: "b", at: 1, in: &state)) == "nothing")
        #expect(self.name(try self.arrive(4, key: "a", at: 1, in: &state)) == "nothing")
        #expect(throws: RequestCoalescerError.tooManyWaiting) { try self.arrive(5, key: "c", at: 1, in: &state) }
        #expect(self.name(state.ended(1, now: self.after(9)).next) == "start 3")
        #expect(self.name(state.ended(2, now: self.after(9)).next) == "start 4")
        #expect(state.callCount == 2)
    }

    /// Two keys wait, one for its time and one for a place.
    @Test func noCallIsForgottenBehindAPause() throws {
        var state = State(maxCalls: 2, maxWaiting: 2, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(self.name(try self.arrive(2, at: 0, in: &state)) == "start 2")
        #expect(self.name(try self.arrive(3, at: 1, in: &state)) == "pause until 0.002 seconds")
        for id in UInt64(4)...20 { #expect(self.name(try self.arrive(id, at: 1, in: &state)) == "nothing") }
        #expect(self.name(self.pauseIsOver(2, in: &state)) == "nothing")
        #expect(self.name(state.ended(1, now: self.after(100)).next) == "start 3")
        #expect(self.name(try self.arrive(21, at: 101, in: &state)) == "pause until 0.15 seconds")
        #expect(self.name(try self.arrive(22, key: "b", at: 101, in: &state)) == "nothing")
        #expect(self.name(state.ended(2, now: self.after(101)).next) == "start 22")
        // With no other under way there is no call to be drawn apart from, but those of the last one are about to be back.
        #expect(self.name(state.ended(3, now: self.after(120)).next) == "pause until 0.122 seconds")
        #expect(self.name(self.pauseIsOver(122, in: &state)) == "start 21")
        #expect(self.name(self.pauseIsOver(150, in: &state)) == "nothing")
        #expect(state.callCount == 2)
    }

    // MARK: Throttling

    @Test func theCallersOfAThrottledCallWaitForTheNextInstead() throws {
        var state = State(maxCalls: 4, maxWaiting: 4, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        let first = state.ended(1, .throttled, now: self.after(1))
        #expect(first.callers.isEmpty)
        #expect(self.name(first.next) == "throttled until 0.003 seconds")
        // Whoever comes meanwhile shares it.
        #expect(self.name(try self.arrive(2, at: 2, in: &state)) == "nothing")
        #expect(self.name(state.throttleIsOver(now: self.after(3))) == "start 1001")
        // Others wait too, and behind those who were refused.
        #expect(self.name(try self.arrive(3, key: "b", at: 3, in: &state)) == "throttled until 0.005 seconds")
        let second = state.ended(1001, .throttled, now: self.after(4))
        #expect(second.callers.isEmpty)
        #expect(self.name(second.next) == "nothing")
        #expect(self.name(state.throttleIsOver(now: self.after(5))) == "throttled until 0.008 seconds")
        #expect(self.name(state.throttleIsOver(now: self.after(8))) == "start 2001, throttled until 0.012 seconds")
        #expect(self.name(state.throttleIsOver(now: self.after(12))) == "start 3")
        #expect(state.ended(2001, now: self.after(13)).callers.sorted() == [1, 2])
        #expect(state.ended(3, now: self.after(13)).callers == [3])
        #expect(state.callCount == 0)
    }

    @Test(arguments: [true, false])
    func whoeverIsRefusedForHalfASecondIsToldSo(sharing: Bool) throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: sharing)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(state.ended(1, .throttled, now: self.after(0)).callers.isEmpty)
        #expect(self.name(state.throttleIsOver(now: self.after(499))) == "start 1001")
        #expect(state.ended(1001, .throttled, now: self.after(499)).callers.isEmpty)
        #expect(self.name(state.throttleIsOver(now: self.after(1000))) == "start 2001")
        #expect(state.ended(2001, .throttled, now: self.after(1000)).callers == [1])
        #expect(state.callCount == 0)
    }

    @Test func whoeverWasThrottledMayLeave() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, deadline: 50, in: &state)) == "start 1")
        #expect(state.ended(1, .throttled, now: self.after(1)).callers.isEmpty)
        #expect(state.expire(now: self.after(50)).leaves.map(\.caller) == [1])
        #expect(state.callCount == 0)
        #expect(self.name(state.throttleIsOver(now: self.after(51))) == "nothing")
    }

    @Test func aRefusalThatNobodyWaitsForCounts() throws {
        var state = State(maxCalls: 1, maxWaiting: 1, sharing: true)
        #expect(self.name(try self.arrive(1, at: 0, in: &state)) == "start 1")
        #expect(state.leave(1).caller == 1)
        #expect(state.ended(1, .throttled, now: self.after(1)).callers.isEmpty)
        #expect(self.name(try self.arrive(2, at: 1, in: &state)) == "throttled until 0.003 seconds")
    }

    @Test func noMoreCallsWaitForTheThrottleThanMay() throws {
        var state = State(maxCalls: 4, maxWaiting: 2, sharing: true)
        #expect(self.name(try self.arrive(1, key: "a", at: 0, in: &state)) == "start 1")
        #expect(state.ended(1, .throttled, now: self.after(0)).callers.isEmpty)
        #expect(self.name(try self.arrive(2, key: "b", at: 0, in: &state)) == "nothing")
        #expect(throws: RequestCoalescerError.tooManyWaiting) { try self.arrive(3, key: "c", at: 0, in: &state) }
        #expect(self.name(try self.arrive(4, key: "b", at: 0, in: &state)) == "nothing")
    }

    // MARK: Deadlines

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
