import Testing

@testable import VaultAPI

@Suite struct CallPaceTests {
    private let start = ContinuousClock.now

    private func pace(callers: Int, took: Duration...) -> CallPace {
        var pace = CallPace()
        for duration in took { pace.callTook(duration) }
        for _ in 0..<8 { pace.callStarted(callers: callers, now: self.start) }
        return pace
    }

    @Test func sharedCallsBeginAtEvenDistances() {
        let pace = self.pace(callers: 250, took: .milliseconds(100))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false) == .milliseconds(25))
        #expect(pace.pause(now: self.start + .milliseconds(15), maxCalls: 4, isIdle: false) == .milliseconds(10))
        #expect(pace.pause(now: self.start + .milliseconds(25), maxCalls: 4, isIdle: false) == nil)
    }

    @Test func aCallForOneCallerKeepsNobodyWaiting() {
        #expect(
            self.pace(callers: 1, took: .milliseconds(100)).pause(now: self.start, maxCalls: 4, isIdle: false) == nil
        )
    }

    @Test func theFirstToComeBackAfterAnAnswerToManyDoesNotUndoIt() {
        var pace = self.pace(callers: 250, took: .milliseconds(100))
        for _ in 0..<3 { pace.callStarted(callers: 1, now: self.start) }
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false) == .milliseconds(25))
        for _ in 0..<30 { pace.callStarted(callers: 1, now: self.start) }
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false) == nil)
    }

    @Test func beforeTheFirstCallHasEndedOnlyTheLeastDistanceIsKnown() {
        #expect(self.pace(callers: 250).pause(now: self.start, maxCalls: 4, isIdle: false) == .milliseconds(5))
        #expect(CallPace().pause(now: self.start, maxCalls: 4, isIdle: false) == nil)
    }

    @Test func aVaultThatAnswersAtOnceIsNotAskedWithoutABreak() {
        let pace = self.pace(callers: 9, took: .milliseconds(1))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: true) == .milliseconds(5))
        #expect(pace.pause(now: self.start + .milliseconds(2), maxCalls: 4, isIdle: false) == .milliseconds(3))
        // Too short for a timer.
        #expect(pace.pause(now: self.start + .microseconds(4500), maxCalls: 4, isIdle: true) == nil)
    }

    @Test func withNothingUnderWayThereIsNothingToBeDrawnApartFrom() {
        let pace = self.pace(callers: 9, took: .milliseconds(100))
        #expect(pace.pause(now: self.start + .milliseconds(10), maxCalls: 1, isIdle: true) == nil)
    }

    @Test func theUsualDurationFollowsTheCalls() {
        let pace = self.pace(callers: 9, took: .milliseconds(100), .milliseconds(200))
        #expect(pace.pause(now: self.start, maxCalls: 1, isIdle: false) == .milliseconds(125))
    }
}

@Suite struct SharedCallsStateTests {
    private typealias State = SharedCallsState<Int, String>

    private static func name(_ next: State.Next?) -> String {
        switch next {
        case .start(let start): "start \(start.id)"
        case .pause(let duration): "pause \(duration)"
        case nil: "nothing"
        }
    }

    /// Ten browsers, a vault of 100 ms, two calls at once.
    @Test func callsThatBeganTogetherAreDrawnApart() {
        var state = State(maxCalls: 2, sharing: true)
        let start = ContinuousClock.now
        func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

        #expect(Self.name(state.arrive(1, id: 1, work: "", now: start)) == "start 1")
        #expect(Self.name(state.arrive(2, id: 2, work: "", now: start)) == "start 2")
        for id in UInt64(3)...10 {
            #expect(Self.name(state.arrive(Int(id), id: id, work: "", now: after(1))) == "nothing")
        }
        // All of those who wait share the call that takes the place of the first.
        let first = state.ended(1, now: after(100))
        #expect(first.callers == [1])
        #expect(Self.name(first.next) == "start 3")
        #expect(Self.name(state.ended(2, now: after(100)).next) == "nothing")
        // There is room for another call, but it would end together with that one.
        #expect(Self.name(state.arrive(11, id: 11, work: "", now: after(102))) == "pause 0.048 seconds")
        #expect(Self.name(state.arrive(12, id: 12, work: "", now: after(110))) == "nothing")
        #expect(Self.name(state.paceIsOver(now: after(150))) == "start 11")
        #expect(state.ended(3, now: after(200)).callers.sorted() == Array(3...10))
        #expect(state.ended(11, now: after(250)).callers.sorted() == [11, 12])
        #expect(state.isIdle)
    }

    @Test func afterSharedCallsTheNextKeepsItsDistance() {
        var state = State(maxCalls: 1, sharing: true)
        let start = ContinuousClock.now
        #expect(Self.name(state.arrive(1, id: 1, work: "", now: start)) == "start 1")
        for id in UInt64(2)...9 {
            #expect(Self.name(state.arrive(Int(id), id: id, work: "", now: start)) == "nothing")
        }
        #expect(Self.name(state.ended(1, now: start + .milliseconds(100)).next) == "start 2")
        _ = state.ended(2, now: start + .milliseconds(101))
        #expect(Self.name(state.arrive(10, id: 10, work: "", now: start + .milliseconds(102))) == "pause 0.003 seconds")
        #expect(Self.name(state.paceIsOver(now: start + .milliseconds(105))) == "start 10")
    }
}
