package import Foundation

/// When a data key gets a successor without anybody asking for it.
package struct KeyRotationPolicy: Sendable, Hashable {
    /// Half of what one key may seal, since the number is an estimate from above, and a vault may stand still for a while.
    package static let maxSeals = DataKeyUsage.sealLimit / 2

    /// How old a data key may become; nil for any age.
    package let maxAge: Duration?
    private let maxSeals: Int64

    package init(maxAge: Duration? = nil, maxSeals: Int64 = Self.maxSeals) {
        self.maxAge = maxAge
        self.maxSeals = maxSeals
    }

    package func isDue(_ newest: DataKeyUsage, at now: Date) -> Bool {
        if newest.seals >= self.maxSeals { return true }
        guard let maxAge else { return false }
        return now.timeIntervalSince(newest.createdOn) >= TimeInterval(maxAge.components.seconds)
    }
}
