import Testing

@testable import VaultCore

struct RateLimiterTests {
    private func at(_ milliseconds: Int) -> Duration { .milliseconds(milliseconds + 5000) }

    @Test func twiceTheRatePassesAtOnceAndThenTheRate() {
        var limiter = RateLimiter<Int>(rate: 10)
        let first = (0..<30).filter { _ in limiter.pause(1, at: self.at(0)) == nil }.count
        #expect(first == 20)
        // Nobody is punished for asking: a tenth of a second later one passes.
        var passed = 0
        for moment in stride(from: 0, through: 10_000, by: 5) where limiter.pause(1, at: self.at(moment)) == nil {
            passed += 1
        }
        #expect((99...101).contains(passed))
        // After a pause there are twice as many again, and not more.
        let later = (0..<100).filter { _ in limiter.pause(1, at: self.at(3_600_000)) == nil }.count
        #expect(later == 20)
    }

    @Test func whoeverIsRefusedIsToldWhenToComeBack() {
        var limiter = RateLimiter<Int>(rate: 1)
        for _ in 0..<2 { _ = limiter.pause(1, at: self.at(0)) }
        let pause = limiter.pause(1, at: self.at(0))
        #expect(pause == .seconds(1))
        let early = limiter.pause(1, at: self.at(999))
        #expect(early == .milliseconds(1))
        let due = limiter.pause(1, at: self.at(1000))
        #expect(due == nil)
    }

    @Test func keysDoNotDisturbEachOther() {
        var limiter = RateLimiter<Int>(rate: 1)
        for _ in 0..<10 { _ = limiter.pause(1, at: self.at(0)) }
        let other = limiter.pause(2, at: self.at(0))
        #expect(other == nil)
    }

    @Test func manyKeysTakeBoundedMemoryAndShareWhatIsLeft() {
        var limiter = RateLimiter<Int>(rate: 1)
        let most = RateLimiter<Int>.maxKeys
        for key in 0..<most { _ = limiter.pause(key, at: self.at(0)) }
        let shared = (0..<10).filter { limiter.pause(most + $0, at: self.at(0)) == nil }.count
        #expect(shared == 2)
        #expect(limiter.count == most)
        // Those who were there keep theirs, and full buckets make room.
        let own = limiter.pause(0, at: self.at(0))
        #expect(own == nil)
        let later = limiter.pause(most + 1, at: self.at(10_000))
        #expect(later == nil)
        #expect(limiter.count == 1)
    }

}
