import Testing

@testable import TokenVaultClient

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
        #expect(self.pace(callers: 250).pause(now: self.start, maxCalls: 4, isIdle: false) == .milliseconds(2))
        #expect(CallPace().pause(now: self.start, maxCalls: 4, isIdle: false) == nil)
    }

    @Test func aVaultThatAnswersAtOnceIsNotAskedWithoutABreak() {
        let pace = self.pace(callers: 9, took: .milliseconds(1))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: true) == .milliseconds(2))
        #expect(pace.pause(now: self.start + .microseconds(800), maxCalls: 4, isIdle: false) == .microseconds(1200))
        // Too short for a timer.
        #expect(pace.pause(now: self.start + .microseconds(1801), maxCalls: 4, isIdle: true) == nil)
    }

    @Test(arguments: [(10, 200), (50, 200), (100, 300), (400, 1200), (600, 1800), (700, 2000), (5_000, 2000)])
    func theLeastDistanceIsThreeCallsAndNoMoreThanAPageHardlyNotices(call: Int, distance: Int) {
        let pace = self.pace(callers: 16, took: .microseconds(call))
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: true) == .microseconds(distance))
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: false) == .microseconds(distance))
        #expect(pace.pause(now: self.start + .microseconds(distance), maxCalls: 8, isIdle: true) == nil)
    }

    @Test(arguments: [(3, 1200), (16, 1200), (18, 2000), (64, 2000), (1000, 2000)])
    func onlyWhereFewShareACallItsDurationCounts(callers: Int, distance: Int) {
        let pace = self.pace(callers: callers, took: .microseconds(400))
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: true) == .microseconds(distance))
    }

    @Test func aVaultThatRefusesIsNotAskedMoreOften() {
        var pace = self.pace(callers: 9, took: .microseconds(400))
        pace.callFailed()
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: true) == .milliseconds(2))
        pace.callTook(.microseconds(400))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: true) == .microseconds(1200))
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
