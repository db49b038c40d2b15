import Foundation
import Testing
import VaultCore

struct KeyRotationPolicyTests {
    @Test(arguments: [
        (seals: Int64(0), days: 0.0, maxDays: Int?.none, isDue: false),
        (DataKeyUsage.sealLimit / 2 - 1, 10_000, nil, false),
        (DataKeyUsage.sealLimit / 2, 0, nil, true),
        (.max, 0, nil, true),
        (0, 89.9, 90, false),
        (0, 90, 90, true),
        // A clock that was put back makes nothing old.
        (0, -10, 90, false),
    ])
    func aKeyIsChangedByUseAndByAge(seals: Int64, days: Double, maxDays: Int?, isDue: Bool) {
        let made = Date(timeIntervalSince1970: 1_800_000_000)
        let usage = DataKeyUsage(keyID: "key", createdOn: made, values: 1, seals: seals)
        let policy = KeyRotationPolicy(maxAge: maxDays.map { .seconds($0 * 86_400) })
        #expect(policy.isDue(usage, at: made.addingTimeInterval(days * 86_400)) == isDue)
    }
}
