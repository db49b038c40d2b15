import Testing

@testable import TokenVaultClient

@Suite struct CallPaceTests {
    private let start = ContinuousClock.now

    private func pace(callers: Int, took: Duration...) -> CallPace {
        var pace = CallPace()
        for duration in took { pace.callTook(duration, now: self.start) }
        for _ in 0..<8 { pace.callStarted(callers: callers, crowd: callers, now: self.start) }
        return pace
    }

    @Test func sharedCallsBeginAtEvenDistances() {
        let pace = self.pace(callers: 250, took: .milliseconds(100))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0) == .milliseconds(25))
        #expect(
            pace.pause(now: self.start + .milliseconds(15), maxCalls: 4, isIdle: false, crowd: 0) == .milliseconds(10)
        )
        #expect(pace.pause(now: self.start + .milliseconds(25), maxCalls: 4, isIdle: false, crowd: 0) == nil)
    }

    @Test func aCallForOneCallerKeepsNobodyWaiting() {
        #expect(
            self.pace(callers: 1, took: .milliseconds(100)).pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0)
                == nil
        )
    }

    @Test func theFirstToComeBackAfterAnAnswerToManyDoesNotUndoIt() {
        var pace = self.pace(callers: 250, took: .milliseconds(100))
        for _ in 0..<3 { pace.callStarted(callers: 1, crowd: 1, now: self.start) }
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0) == .milliseconds(25))
        for _ in 0..<30 { pace.callStarted(callers: 1, crowd: 1, now: self.start) }
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0) == nil)
    }

    @Test func beforeTheFirstCallHasEndedOnlyTheLeastDistanceIsKnown() {
        #expect(
            self.pace(callers: 250).pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0) == .milliseconds(2)
        )
        #expect(CallPace().pause(now: self.start, maxCalls: 4, isIdle: false, crowd: 0) == nil)
    }

    /// What a vault that answers at once leaves to wait for, right after a start.
    private func pause(_ pace: CallPace, crowd: Int, at now: Duration = .zero) -> Duration? {
        pace.pause(now: self.start + now, maxCalls: 8, isIdle: true, crowd: crowd)
    }

    @Test(arguments: [(10, 1000), (100, 1000), (300, 1500), (400, 2000), (80_000, 2000)])
    func theLeastDistanceIsWhatAPageHardlyNotices(call: Int, distance: Int) {
        let pace = self.pace(callers: 16, took: .microseconds(call))
        #expect(self.pause(pace, crowd: 15) == .microseconds(distance))
        // Too short for a timer.
        #expect(self.pause(pace, crowd: 15, at: .microseconds(distance - 199)) == nil)
        let whileOneRuns = pace.pause(now: self.start, maxCalls: 8, isIdle: false, crowd: 15)
        #expect(whileOneRuns == .microseconds(max(distance, call / 8)))
    }

    @Test func whenEverybodyIsBackOnlyTheLimitsOfVaultsCount() {
        let pace = self.pace(callers: 16, took: .milliseconds(1))
        #expect(self.pause(pace, crowd: 16) == .milliseconds(1))
        #expect(self.pause(pace, crowd: 17, at: .milliseconds(1)) == nil)
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: false, crowd: 16) == .milliseconds(2))
    }

    @Test func whoStaysAwayIsSoonNotWaitedFor() {
        var pace = self.pace(callers: 16, took: .milliseconds(1))
        for _ in 0..<34 { pace.callStarted(callers: 8, crowd: 8, now: self.start) }
        #expect(self.pause(pace, crowd: 8) == .milliseconds(2))
        pace.callStarted(callers: 8, crowd: 8, now: self.start)
        #expect(self.pause(pace, crowd: 8) == .milliseconds(1))
        pace.callStarted(callers: 2, crowd: 9, now: self.start)
        #expect(self.pause(pace, crowd: 8) == .milliseconds(2))
    }

    /// Those of a call that has just ended are about to be back.
    @Test func theDistanceIsKeptFromEndsUntilEverybodyIsBack() {
        var pace = self.pace(callers: 125, took: .milliseconds(100))
        for _ in 0..<30 { pace.callStarted(callers: 125, crowd: 1000, now: self.start) }
        pace.callTook(.milliseconds(100), now: self.start + .milliseconds(20))
        let now = self.start + .milliseconds(21)
        #expect(pace.pause(now: now, maxCalls: 4, isIdle: false, crowd: 900) == .milliseconds(24))
        #expect(pace.pause(now: now, maxCalls: 4, isIdle: false, crowd: 1000) == .milliseconds(4))
        #expect(pace.pause(now: now, maxCalls: 8, isIdle: false, crowd: 1000) == nil)
        #expect(pace.pause(now: now, maxCalls: 4, isIdle: true, crowd: 900) == .milliseconds(1))
        // Not again and again.
        pace.callTook(.milliseconds(100), now: self.start + .milliseconds(45))
        let later = self.start + .milliseconds(46)
        #expect(pace.pause(now: later, maxCalls: 4, isIdle: false, crowd: 900) == .milliseconds(4))
    }

    @Test(arguments: [
        (0, 3, 2000), (400, 3, 2000), (20_000, 8, 2500), (100_000, 3, 12_500), (400, 2, nil), (100_000, 2, nil),
    ])
    func fromThreeOnTheDistanceIsKept(microseconds: Int, crowd: Int, distance: Int?) {
        var pace = self.pace(callers: 1)
        if microseconds > 0 { pace.callTook(.microseconds(microseconds), now: self.start) }
        let pause = pace.pause(now: self.start, maxCalls: 8, isIdle: false, crowd: crowd)
        #expect(pause == distance.map { .microseconds($0) })
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: true, crowd: crowd) == nil)
    }

    @Test(arguments: [
        (1, 2, true), (1, 3, true), (1, 5, false), (100, 400, true), (100, 401, false), (0, 10_000, true),
    ])
    func aCallThatHangsIsNoneThatTheNextKeepsItsDistanceFrom(usual: Int, age: Int, isCurrent: Bool) {
        let pace = usual == 0 ? CallPace() : self.pace(callers: 8, took: .milliseconds(usual))
        #expect(pace.isCurrent(self.start, now: self.start + .milliseconds(age)) == isCurrent)
    }

    @Test func aCallThatHungIsNoMeasureOfTheNext() {
        var pace = self.pace(callers: 8, took: .milliseconds(1))
        pace.callTook(.seconds(5), now: self.start)
        #expect(!pace.isCurrent(self.start, now: self.start + .milliseconds(10)))
        // A vault that has become slow is known as that after a few.
        for _ in 0..<12 { pace.callTook(.seconds(5), now: self.start) }
        #expect(pace.isCurrent(self.start, now: self.start + .seconds(1)))
    }

    @Test func aVaultThatRefusesIsNotAskedMoreOften() {
        var pace = self.pace(callers: 9, took: .microseconds(200))
        pace.callFailed(now: self.start)
        #expect(self.pause(pace, crowd: 9) == .milliseconds(2))
        pace.callTook(.microseconds(200), now: self.start)
        #expect(self.pause(pace, crowd: 9) == .milliseconds(1))
    }

    @Test func withNothingUnderWayThereIsNothingToBeDrawnApartFrom() {
        let pace = self.pace(callers: 9, took: .milliseconds(100))
        #expect(pace.pause(now: self.start + .milliseconds(10), maxCalls: 1, isIdle: true, crowd: 0) == nil)
    }

    @Test func theUsualDurationFollowsTheCalls() {
        let pace = self.pace(callers: 9, took: .milliseconds(100), .milliseconds(200))
        #expect(pace.pause(now: self.start, maxCalls: 1, isIdle: false, crowd: 0) == .milliseconds(125))
    }
}
