import Testing
import VaultCore

/// Every order in which vaults that share a row may take their steps, crash, stand still and lose answers.
struct RenewalInterleavingTests {
    @Test(arguments: RotatingProvider.Kind.allCases)
    func twoVaultsNeverLoseAGrantButInTheWindowsThatNothingCloses(kind: RotatingProvider.Kind) {
        let limits = RenewalWorld.Limits(ticks: 3, crashes: 1, losses: 1, postponements: 1, renewals: 1)
        self.explore(RenewalWorld(kind: kind, vaults: 2, limits: limits))
    }

    @Test(arguments: RotatingProvider.Kind.allCases)
    func threeVaultsNeverLoseAGrantButInTheWindowsThatNothingCloses(kind: RotatingProvider.Kind) {
        let limits = RenewalWorld.Limits(ticks: 2, crashes: 1, losses: 0, postponements: 0, renewals: 1)
        self.explore(RenewalWorld(kind: kind, vaults: 3, limits: limits))
    }

    /// A vault that lost its store while it took a lease gives the lease back, if it has it, and may take another.
    @Test(arguments: RotatingProvider.Kind.allCases)
    func aLeaseOfWhichItsVaultCannotKnowEndsNoGrant(kind: RotatingProvider.Kind) {
        var limits = RenewalWorld.Limits(ticks: 2, crashes: 1, losses: 0, postponements: 0, renewals: 1)
        limits.uncertainties = 1
        self.explore(RenewalWorld(kind: kind, vaults: 2, limits: limits))
        // Twice without any other mishap, so that one finds what the other has left.
        limits = RenewalWorld.Limits(ticks: 3, crashes: 0, losses: 0, postponements: 0, renewals: 1)
        limits.uncertainties = 2
        self.explore(RenewalWorld(kind: kind, vaults: 2, limits: limits))
    }

    private func explore(_ start: RenewalWorld) {
        var seen: Set<RenewalWorld.Key> = [start.key]
        var waiting = [start]
        var lost = 0
        while let world = waiting.popLast() {
            if let violation = world.violation {
                Issue.record("\(violation) \(world)")
                return
            }
            if world.isQuiet {
                if world.isLost { lost += 1 }
                guard self.check(world) else { return }
            }
            for next in world.successors() where seen.insert(next.key).inserted { waiting.append(next) }
        }
        let kind = start.provider.kind
        let vaults = "\(start.vaults.count) vaults, rotation \(kind)"
        print("Renewal by \(vaults): \(seen.count) states, \(lost) of them with a lost grant.")
        #expect(seen.count > 500)
        // What cannot be lost at all, and what is lost only in windows.
        #expect(kind == .none ? lost == 0 : kind != .strict || lost > 0)
    }

    /// Whether a world in which nothing is under way is as it should be.
    private func check(_ world: RenewalWorld) -> Bool {
        if world.isLost, world.windows.isEmpty {
            Issue.record("The grant was lost although nothing happened that may lose one. \(world)")
            return false
        }
        var later = world
        later.bringToAnEnd()
        let problem = later.row.problem
        if let violation = later.violation {
            Issue.record("\(violation) \(later)")
            return false
        }
        if world.isLost, problem == nil || problem == .unauthenticated {
            Issue.record("A lost grant is not labelled. \(later) from \(world)")
            return false
        }
        if world.windows.isEmpty, world.crashes + world.losses == 0, !world.sawLateOwner, problem != nil {
            Issue.record("A token is in an error although nothing went wrong. \(later)")
            return false
        }
        return true
    }
}
