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

    @Test func aVaultThatAnswersAtOnceIsNotAskedWithoutABreak() {
        let pace = self.pace(callers: 9, took: .milliseconds(1))
        #expect(pace.pause(now: self.start, maxCalls: 4, isIdle: true, crowd: 0) == .milliseconds(2))
        #expect(
            pace.pause(now: self.start + .microseconds(800), maxCalls: 4, isIdle: false, crowd: 0)
                == .microseconds(1200)
        )
        // Too short for a timer.
        #expect(pace.pause(now: self.start + .microseconds(1801), maxCalls: 4, isIdle: true, crowd: 0) == nil)
    }

    @Test(arguments: [(10, 2000), (400, 2000), (5_000, 2000), (80_000, 10_000)])
    func theLeastDistanceIsWhatAPageHardlyNotices(call: Int, distance: Int) {
        let pace = self.pace(callers: 16, took: .microseconds(call))
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: true, crowd: 0) == .milliseconds(2))
        #expect(pace.pause(now: self.start, maxCalls: 8, isIdle: false, crowd: 0) == .microseconds(distance))
        #expect(pace.pause(now: self.start + .microseconds(distance), maxCalls: 8, isIdle: false, crowd: 0) == nil)
    }

    @Test func aCrowdIsWholeWhenAsManyAreHereAsUsually() {
        let pace = self.pace(callers: 16, took: .microseconds(400))
        #expect(!pace.isWhole(crowd: 15))
        #expect(pace.isWhole(crowd: 16))
    }

    @Test func whoStaysAwayIsSoonNotWaitedFor() {
        var pace = self.pace(callers: 16, took: .microseconds(400))
        for _ in 0..<34 { pace.callStarted(callers: 8, crowd: 8, now: self.start) }
        #expect(!pace.isWhole(crowd: 8))
        pace.callStarted(callers: 8, crowd: 8, now: self.start)
        #expect(pace.isWhole(crowd: 8))
        pace.callStarted(callers: 2, crowd: 9, now: self.start)
        #expect(!pace.isWhole(crowd: 8))
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
    }

    @Test(arguments: [(400, 4, true), (1_900, 2, true), (2_000, 4, false), (20_000, 8, false), (400, 1, false)])
    func aHandfulShareACallThatTakesNextToNoTime(microseconds: Int, crowd: Int, isKeptWaiting: Bool) {
        var pace = self.pace(callers: 1, took: .microseconds(microseconds))
        pace.callStarted(callers: 1, crowd: crowd, now: self.start)
        #expect((pace.pause(now: self.start, maxCalls: 8, isIdle: false, crowd: crowd - 1) != nil) == isKeptWaiting)
    }

    @Test func aVaultThatRefusesIsNotAskedMoreOften() {
        var pace = self.pace(callers: 9, took: .microseconds(400))
        pace.callFailed(now: self.start)
        #expect(!pace.isWhole(crowd: 9))
        pace.callTook(.microseconds(400), now: self.start)
        #expect(pace.isWhole(crowd: 9))
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
