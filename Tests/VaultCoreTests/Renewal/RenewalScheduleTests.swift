import Foundation
import Testing
import VaultCore

struct RenewalScheduleTests {
    @Test(
        arguments: [
            (60, nil, 12), (300, nil, 60), (600, nil, 60), (600, 30, 30), (3600, nil, 300), (86_400, nil, 300),
            (0, nil, 0),
        ] as [(Int, Int?, Int)]
    )
    func theMarginFitsTheLifetime(lifetime: Int, cap: Int?, margin: Int) {
        let cap = cap.map { Duration.seconds($0) }
        #expect(RenewalSchedule.margin(lifetime: .seconds(lifetime), cap: cap) == .seconds(margin))
    }

    @Test func tokensOfOneMomentAreNotRenewedInOneMoment() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let row = RenewalRow(version: 1, expiresOn: start + 3600, obtainedOn: start, refreshDigest: Data([1]))
        func dueCount(after seconds: TimeInterval) -> Int {
            (0..<1000).count { number in
                let token = TokenKey(service: "s", token: "t\(number)")
                return RenewalSchedule.isDueForSweep(row, token: token, at: start + seconds)
            }
        }
        #expect(dueCount(after: 1600) == 0)
        #expect((400...600).contains(dueCount(after: 1800)))
        #expect(dueCount(after: 2000) == 1000)
    }

    @Test func aTokenWithoutExpiryIsTouchedBeforeItsRefreshTokenDies() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let row = RenewalRow(version: 1, expiresOn: nil, obtainedOn: start, refreshDigest: Data([1]))
        let token = TokenKey(service: "s", token: "t")
        func isDue(days: Double, idle: Duration?) -> Bool {
            RenewalSchedule.isDueForSweep(row, token: token, at: start + days * 86_400, idle: idle)
        }
        #expect(!isDue(days: 1000, idle: nil))
        #expect(!isDue(days: 29, idle: .seconds(90 * 86_400)))
        #expect(isDue(days: 31, idle: .seconds(90 * 86_400)))
    }
}
