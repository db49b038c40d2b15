import Foundation
import VaultCore

extension RenewalWorld {
    /// Equal for worlds that have the same future: vaults in any order, times and epochs only as far as they differ.
    struct Key: Hashable {
        private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        private var used = 0

        mutating func add(_ value: Int, bits: Int) {
            precondition(value >= 0 && value < 1 << bits, "does not fit")
            let word = self.used / 64
            if word != (self.used + bits - 1) / 64 { self.used = (word + 1) * 64 }
            let shifted = UInt64(value) << UInt64(self.used % 64)
            switch self.used / 64 {
            case 0: self.words.0 |= shifted
            case 1: self.words.1 |= shifted
            case 2: self.words.2 |= shifted
            default: self.words.3 |= shifted
            }
            self.used += bits
            precondition(self.used <= 256, "does not fit")
        }

        mutating func add(_ flag: Bool) { self.add(flag ? 1 : 0, bits: 1) }

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }
        func hash(into hasher: inout Hasher) {
            hasher.combine(self.words.0 ^ self.words.1 &* 0x9e37_79b9_7f4a_7c15)
            hasher.combine(self.words.2 ^ self.words.3 &* 0x9e37_79b9_7f4a_7c15)
        }
    }

    var key: Key {
        var key = Key()
        for vault in self.vaults.indices.map({ self.code(of: $0) }).sorted() { key.add(vault, bits: 22) }
        key.add(min(Int(self.row.version), self.limits.renewals + 1), bits: 3)
        key.add(self.ticks(until: self.row.expiresOn), bits: 2)
        key.add(self.storedRefreshToken, bits: 4)
        key.add(self.row.problem.flatMap { TokenProblem.allCases.firstIndex(of: $0) }.map { $0 + 1 } ?? 0, bits: 4)
        let lease = self.row.lease
        key.add(lease.owner != nil)
        key.add(lease.until?.isAfter(self.leaseTime) ?? false)
        key.add(lease.phase == .idle ? 0 : lease.phase == .armed ? 1 : 2, bits: 2)
        key.add(lease.version == self.row.version)
        key.add(Self.number(of: lease.presentedDigest), bits: 4)
        key.add(min(3, lease.armedAt?.duration(to: self.leaseTime).map { Int($0 / Self.tick) } ?? 3), bits: 2)
        key.add(min(lease.lostAnswers, 3), bits: 2)
        key.add(self.keptAnswer ?? 15, bits: 4)
        key.add(self.provider.isAlive)
        key.add(self.provider.current, bits: 4)
        key.add(self.provider.previous ?? 15, bits: 4)
        key.add(self.provider.next, bits: 4)
        key.add(min(3, self.now - self.provider.rotatedAt), bits: 2)
        key.add(self.orphans.count, bits: 3)
        for orphan in self.orphans.sorted() { key.add(orphan, bits: 4) }
        for count in self.presentations.prefix(8) { key.add(min(count, 3), bits: 2) }
        key.add(self.now, bits: 4)
        key.add(self.crashes, bits: 2)
        key.add(self.losses, bits: 2)
        key.add(self.postponements, bits: 2)
        key.add(self.uncertainties, bits: 2)
        key.add(self.sawLateOwner)
        for window in Window.allCases { key.add(self.windows.contains(window.rawValue)) }
        return key
    }

    private func ticks(until date: Date?) -> Int {
        guard let date else { return 3 }
        return min(3, max(0, Int(date.timeIntervalSince(self.date) / 60)))
    }

    /// Those leases of a vault that it may give back yet: it has them, or whoever takes the next one takes the same number.
    private func unsentCode(of index: Int) -> Int {
        let isOwner = self.row.lease.owner == self.owner(index)
        return self.vaults[index].unsent
            .filter { $0.epoch > self.row.lease.epoch || isOwner && $0.epoch == self.row.lease.epoch }
            .sorted { $0.epoch < $1.epoch }
            .reduce(0) { code, permit in
                let ahead = Int(permit.epoch - self.row.lease.epoch)
                precondition(ahead < 4 && code < 1 << 5, "does not fit")
                return code << 5 | 1 << 4 | ahead << 2 | (permit.version == self.row.version ? 2 : 0)
                    | (permit.wasPresented ? 1 : 0)
            }
    }

    private func code(of index: Int) -> Int {
        let vault = self.vaults[index]
        let isOwner = self.row.lease.owner == self.owner(index)
        var code = isOwner ? 1 : 0
        func add(_ value: Int, bits: Int) { code = code << bits | value }
        func add(_ step: Int, _ permit: RenewalPermit, _ number: Int = 0) {
            add(step, bits: 4)
            add(number, bits: 4)
            add(permit.epoch == self.row.lease.epoch ? 1 : 0, bits: 1)
            add(permit.version == self.row.version ? 1 : 0, bits: 1)
            add(permit.until.isAfter(self.leaseTime) ? 1 : 0, bits: 1)
            add(permit.wasPresented ? 1 : 0, bits: 1)
            add(vault.refreshToken, bits: 4)
        }
        switch vault.step {
        case .idle: add(self.unsentCode(of: index), bits: 16)
        case .armed(let permit): add(1, permit)
        case .checked(let permit): add(2, permit)
        case .sent(let permit, let refreshToken): add(3, permit, refreshToken)
        case .inTransit(let permit, .tokens(let refreshToken)): add(4, permit, refreshToken)
        case .inTransit(let permit, .invalidGrant): add(5, permit)
        case .holding(let permit, let refreshToken): add(6, permit, refreshToken)
        case .kept(let permit, let refreshToken): add(7, permit, refreshToken)
        case .failed(let permit, .noAnswer): add(8, permit)
        case .failed(let permit, .invalidGrant): add(9, permit)
        case .failed(let permit, _): add(10, permit)
        }
        return code
    }
}
