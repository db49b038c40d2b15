import Testing

@testable import TokenVaultClient

@Suite struct CallThrottleTests {
    private let start = ContinuousClock.now

    @Test func eachRefusalDoublesTheDistance() {
        var throttle = CallThrottle()
        var distances: [Duration] = []
        for second in 0..<12 {
            let now = self.start + .seconds(second)
            throttle.refused(start: now, usual: .milliseconds(2), now: now)
            distances.append(throttle.distance)
        }
        #expect(distances.prefix(4) == [.milliseconds(4), .milliseconds(8), .milliseconds(16), .milliseconds(32)])
        #expect(distances.last == .seconds(1))
    }

    @Test func callsThatWereUnderWayTogetherSayOneThing() {
        var throttle = CallThrottle()
        for (start, end, distance) in [(0, 5, 4), (4, 6, 4), (5, 7, 8)] {
            throttle.refused(
                start: self.start + .milliseconds(start),
                usual: .milliseconds(2),
                now: self.start + .milliseconds(end)
            )
            #expect(throttle.distance == .milliseconds(distance))
        }
    }

    @Test func answersBringTheUsualDistanceBack() {
        var throttle = CallThrottle()
        throttle.refused(start: self.start, usual: .milliseconds(2), now: self.start)
        for _ in 0..<23 { throttle.answered(usual: .milliseconds(1)) }
        #expect(throttle.distance > .milliseconds(1.9))
        #expect(throttle.distance < .milliseconds(2.1))
        for _ in 0..<24 { throttle.answered(usual: .milliseconds(1)) }
        #expect(throttle.distance == .zero)
    }

    /// A vault that refills so many a second, and lets twice as many come at once; sixteen browsers that never rest.
    @Test(arguments: [1500, 1000, 200, 50, 10])
    func aLimitIsNearlyUsedAndSeldomMet(limit: Int) {
        var pace = CallPace()
        var now = self.start
        var allowed = Double(limit * 2)
        var refusals = 0
        var answers = 0
        while now < self.start + .seconds(60) {
            pace.callStarted(callers: 16, crowd: 16, now: now)
            let call = now
            now += .microseconds(400)
            if allowed >= 1 {
                allowed -= 1
                answers += 1
                pace.callTook(.microseconds(400), now: now)
            } else {
                refusals += 1
                pace.callThrottled(start: call, now: now)
            }
            if let pause = pace.pause(now: now, maxCalls: 16, isIdle: true, crowd: 16) { now += pause }
            allowed = min(allowed + Double(limit) * ((now - call) / .seconds(1)), Double(limit * 2))
        }
        #expect(answers > limit * 60 * 6 / 10)
        #expect(refusals * 12 < answers)
    }
}
