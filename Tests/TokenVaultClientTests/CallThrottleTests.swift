import Testing

@testable import TokenVaultClient

@Suite struct CallThrottleTests {
    private let start = ContinuousClock.now

    private func after(_ milliseconds: Double) -> ContinuousClock.Instant { self.start + .milliseconds(milliseconds) }

    /// Until when the next waits, in milliseconds since the start.
    private func end(_ throttle: inout CallThrottle, at milliseconds: Double) -> Double? {
        throttle.end(now: self.after(milliseconds)).map { ($0 - self.start) / .milliseconds(1) }
    }

    /// One that began in these milliseconds, each after the one before.
    private func throttle(startedAt starts: Double...) -> CallThrottle {
        var throttle = CallThrottle()
        for start in starts { throttle.started(now: self.after(start)) }
        return throttle
    }

    @Test func withoutARefusalNobodyWaits() {
        var throttle = self.throttle(startedAt: 0, 0, 0)
        throttle.answered(start: self.start)
        #expect(self.end(&throttle, at: 0) == nil)
    }

    @Test func eachRefusalDoublesTheDistance() {
        var throttle = self.throttle(startedAt: 0)
        var now = 0.0
        var distances: [Double] = []
        for _ in 0..<10 {
            throttle.refused(start: self.after(now), now: self.after(now))
            let end = self.end(&throttle, at: now)
            distances.append((end ?? 0) - now)
            now = end ?? 0
        }
        #expect(distances == [2, 4, 8, 16, 32, 64, 128, 250, 250, 250])
    }

    /// A limit below what calls are made at already is reached by the first refusal.
    @Test func theFirstRefusalDoublesWhatIsUsual() {
        var throttle = CallThrottle()
        for number in 0..<40 { throttle.started(now: self.after(Double(number) * 20)) }
        throttle.refused(start: self.after(780), now: self.after(800))
        let end = self.end(&throttle, at: 800) ?? 0
        #expect((839.9...840).contains(end))
    }

    @Test func callsThatWereUnderWayTogetherSayOneThing() {
        var throttle = self.throttle(startedAt: 0)
        for (start, end, until) in [(0.0, 5.0, 7.0), (4, 6, 7), (5, 7, 11)] {
            throttle.refused(start: self.after(start), now: self.after(end))
            #expect(self.end(&throttle, at: end) == until)
        }
        // Nor do their answers take anything back.
        throttle.answered(start: self.after(6))
        #expect(self.end(&throttle, at: 7) == 11)
        throttle.answered(start: self.after(7))
        #expect(self.end(&throttle, at: 7) == 10.88)
    }

    @Test func theDistanceIsKeptFromTheLatestStart() {
        var throttle = self.throttle(startedAt: 0)
        throttle.refused(start: self.start, now: self.start)
        throttle.started(now: self.after(2))
        #expect(self.end(&throttle, at: 3) == 4)
        #expect(self.end(&throttle, at: 3.9) == nil)
    }

    @Test func answersBringTheUsualDistanceBack() {
        var throttle = self.throttle(startedAt: 0)
        throttle.refused(start: self.start, now: self.start)
        for _ in 0..<45 { throttle.answered(start: self.start) }
        #expect(self.end(&throttle, at: 0) != nil)
        throttle.answered(start: self.start)
        #expect(self.end(&throttle, at: 0) == nil)
    }

    @Test func aLimitIsForgottenThatIsNotMetAgain() {
        var throttle = self.throttle(startedAt: 0)
        for second in 0..<8 { throttle.refused(start: self.after(Double(second)), now: self.after(Double(second))) }
        #expect(self.end(&throttle, at: 100) == 257)
        throttle.started(now: self.after(10_000))
        #expect(self.end(&throttle, at: 10_000) == 10_250)
        #expect(self.end(&throttle, at: 10_007) == nil)
    }

    /// A vault that refills so many a second, and lets twice as many come at once; visitors that never rest, each with a call.
    @Test(arguments: [2500, 1000, 200, 50, 10])
    func aLimitIsNearlyUsedAndSeldomMet(limit: Int) {
        var throttle = CallThrottle()
        var now = self.start
        var allowed = Double(limit * 2)
        var refusals = 0
        var answers = 0
        while now < self.start + .seconds(60) {
            throttle.started(now: now)
            let call = now
            now += .microseconds(300)
            if allowed >= 1 {
                allowed -= 1
                answers += 1
                throttle.answered(start: call)
            } else {
                refusals += 1
                throttle.refused(start: call, now: now)
            }
            now = throttle.end(now: now) ?? now
            allowed = min(allowed + Double(limit) * ((now - call) / .seconds(1)), Double(limit * 2))
        }
        #expect(answers > limit * 60 * 8 / 10)
        #expect(refusals * 10 < answers)
    }
}
