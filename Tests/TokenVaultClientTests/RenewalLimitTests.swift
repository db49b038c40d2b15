import TestSupport
import Testing

@testable import TokenVaultClient

@Suite struct RenewalLimitTests {
    private let time: Box<ContinuousClock.Instant>
    private let limit: RenewalLimit

    init() {
        let time = Box(ContinuousClock.now)
        self.time = time
        self.limit = RenewalLimit(interval: .seconds(30)) { time.value }
    }

    @Test func oneRenewalIsAllowedInAnInterval() {
        #expect(self.limit.begin())
        self.limit.end()
        self.time.withLock { $0 = $0.advanced(by: .seconds(29)) }
        #expect(!self.limit.begin())
        self.time.withLock { $0 = $0.advanced(by: .seconds(1)) }
        #expect(self.limit.begin())
    }

    @Test func aRenewalThatIsGoingOnMayBeJoined() {
        #expect(self.limit.begin())
        #expect(self.limit.begin())
        self.limit.end()
        #expect(self.limit.begin())
        self.limit.end()
        self.limit.end()
        #expect(!self.limit.begin())
    }
}
