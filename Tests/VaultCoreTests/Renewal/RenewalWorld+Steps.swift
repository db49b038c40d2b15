import Foundation
import VaultCore

extension RenewalWorld {
    /// Every world that may be next.
    func successors() -> [RenewalWorld] {
        var next: [RenewalWorld] = []
        for index in self.vaults.indices {
            self.addSteps(of: index, to: &next)
            if self.vaults[index].step != .idle, self.crashes < self.limits.crashes {
                next.append(self.changed { $0.crash(index) })
            }
        }
        for place in self.orphans.indices {
            next.append(self.changed { _ = $0.orphans.remove(at: place) })
            next.append(
                self.changed {
                    _ = $0.provider.answer($0.orphans.remove(at: place), tick: $0.now)
                    $0.windows.insert(Window.wire.rawValue)
                }
            )
        }
        if self.now < self.limits.ticks { next.append(self.changed { $0.now += 1 }) }
        return next
    }

    private func changed(_ change: (inout RenewalWorld) -> Void) -> RenewalWorld {
        var world = self
        change(&world)
        return world
    }

    private func addSteps(of index: Int, to next: inout [RenewalWorld]) {
        switch self.vaults[index].step {
        case .idle:
            next.append(self.changed { $0.arm(index) })
            if self.uncertainties < self.limits.uncertainties {
                for isStored in [true, false] {
                    next.append(self.changed { $0.armUncertainly(index, isStored: isStored) })
                }
            }
        case .armed(let permit):
            next.append(self.changed { $0.look(index, permit) })
        case .checked(let permit):
            next.append(self.changed { $0.send(index, permit) })
        case .sent(let permit, let refreshToken):
            next.append(
                self.changed {
                    // It was under way for longer than the deadline allows, and its sender stood still meanwhile.
                    if !permit.until.isAfter($0.leaseTime) { $0.windows.insert(Window.wire.rawValue) }
                    let answer = $0.provider.answer(refreshToken, tick: $0.now)
                    $0.vaults[index].step = .inTransit(permit, answer)
                }
            )
            if self.postponements < self.limits.postponements {
                next.append(
                    self.changed {
                        $0.postponements += 1
                        $0.presentations[refreshToken] -= 1
                        $0.vaults[index].step = .failed(permit, .postponed(retryAfter: nil))
                    }
                )
            }
            if self.losses < self.limits.losses {
                next.append(
                    self.changed {
                        $0.losses += 1
                        $0.orphans.append(refreshToken)
                        $0.vaults[index].step = .failed(permit, .noAnswer)
                    }
                )
            }
        case .inTransit(let permit, .tokens(let refreshToken)):
            next.append(self.changed { $0.vaults[index].step = .holding(permit, refreshToken: refreshToken) })
            if self.losses < self.limits.losses {
                next.append(
                    self.changed {
                        $0.losses += 1
                        $0.windows.insert(Window.wire.rawValue)
                        $0.vaults[index].step = .failed(permit, .noAnswer)
                    }
                )
            }
        case .inTransit(let permit, .invalidGrant):
            next.append(self.changed { $0.vaults[index].step = .failed(permit, .invalidGrant) })
        case .holding(let permit, let refreshToken):
            next.append(self.changed { $0.keep(index, permit, refreshToken) })
        case .kept(let permit, let refreshToken):
            next.append(self.changed { $0.land(index, permit, refreshToken) })
        case .failed(let permit, let outcome):
            next.append(self.changed { $0.settle(index, permit, outcome) })
        }
    }

    mutating func arm(_ index: Int, isDue: Bool? = nil) {
        for permit in self.vaults[index].unsent {
            self.row.takeBack(permit, owner: self.owner(index), terms: self.terms)
        }
        self.vaults[index].unsent = []
        let alive = self.vaults.indices.map { self.owner($0) }
        let request = ArmRequest(
            owner: self.owner(index),
            now: self.leaseTime,
            date: self.date,
            isDue: isDue ?? self.isDue,
            terms: self.terms,
            isAlive: { alive.contains($0) }
        )
        if self.row.lease.phase == .armed, self.row.lease.until?.isAfter(self.leaseTime) != true {
            self.sawLateOwner = true
        }
        let (decision, writes) = self.row.arm(request)
        self.apply(writes)
        switch decision {
        case .armed(let permit):
            self.vaults[index].refreshToken = self.storedRefreshToken
            self.vaults[index].step = .armed(permit)
            self.vaults[index].unsent = [permit]
        case .readAnswer(let permit):
            guard let keptAnswer else { return self.fail("An answer is to be read, and there is none.") }
            self.vaults[index].step = .kept(permit, refreshToken: keptAnswer)
        case .orphaned, .fresh, .busy, .paused, .uncertain, .ended: break
        }
    }

    /// The store was lost at the end of the transaction: the vault cannot know whether it has the lease.
    mutating func armUncertainly(_ index: Int, isStored: Bool) {
        let before = self.vaults[index].unsent
        var stored = self
        stored.arm(index)
        guard case .armed(let permit) = stored.vaults[index].step else { return }
        if isStored { self = stored }
        self.uncertainties += 1
        self.vaults[index].step = .idle
        self.vaults[index].unsent = before.filter { $0.epoch != permit.epoch } + [permit]
    }

    mutating func look(_ index: Int, _ permit: RenewalPermit) {
        if permit.outlasts(self.terms.deadline, from: self.leaseTime) {
            self.vaults[index].step = .checked(permit)
        } else {
            self.row.withdraw(permit, terms: self.terms)
            self.vaults[index].step = .idle
        }
    }

    mutating func send(_ index: Int, _ permit: RenewalPermit) {
        let refreshToken = self.vaults[index].refreshToken
        let isLate = !permit.outlasts(self.terms.deadline, from: self.leaseTime)
        if isLate {
            self.windows.insert(Window.pause.rawValue)
        } else {
            if self.isAnyoneWaiting { self.fail("There were two requests at once.") }
            if self.provider.kind == .strict, self.presentations[refreshToken] > 0, !self.row.isExpired(at: self.date) {
                self.fail("A refresh token was sent again while the access token lived.")
            }
        }
        self.vaults[index].unsent = []
        self.presentations[refreshToken] += 1
        if self.provider.kind != .none, self.presentations[refreshToken] > 2 {
            self.fail("A refresh token was sent a third time.")
        }
        self.vaults[index].step = .sent(permit, refreshToken: refreshToken)
    }

    /// Whether an answer may still come to somebody who holds the lease.
    private var isAnyoneWaiting: Bool {
        self.vaults.contains { vault in
            switch vault.step {
            case .sent(let permit, _), .inTransit(let permit, _), .holding(let permit, _):
                permit.until.isAfter(self.leaseTime)
            case .idle, .armed, .checked, .kept, .failed: false
            }
        }
    }

    mutating func keep(_ index: Int, _ permit: RenewalPermit, _ refreshToken: Int) {
        let (landing, writes) = self.row.keep(Data([UInt8(refreshToken)]), permit: permit)
        self.apply(writes)
        switch landing {
        case .landed: self.vaults[index].step = .kept(permit, refreshToken: refreshToken)
        case .fenced, .repointed:
            self.windows.insert(Window.memory.rawValue)
            self.vaults[index].step = .idle
        }
    }

    mutating func land(_ index: Int, _ permit: RenewalPermit, _ refreshToken: Int) {
        let credential = Credential(
            accessToken: "a",
            expiresOn: Self.date(self.now + 2),
            refreshToken: "r\(refreshToken)"
        )
        let (landing, writes) = self.row.land(credential, permit: permit, at: self.date)
        self.apply(writes)
        if landing == .landed, self.keptAnswer != nil { self.fail("An answer that landed is kept.") }
        self.vaults[index].step = .idle
    }

    mutating func settle(_ index: Int, _ permit: RenewalPermit, _ outcome: RefreshOutcome) {
        let (_, writes) = self.row.settle(
            outcome,
            permit: permit,
            terms: self.terms,
            now: self.leaseTime,
            date: self.date
        )
        self.apply(writes)
        self.vaults[index].step = .idle
    }

    private mutating func crash(_ index: Int) {
        switch self.vaults[index].step {
        case .sent(_, let refreshToken): self.orphans.append(refreshToken)
        case .inTransit(_, .tokens): self.windows.insert(Window.wire.rawValue)
        case .holding: self.windows.insert(Window.memory.rawValue)
        case .idle, .armed, .checked, .inTransit, .kept, .failed: break
        }
        self.vaults[index].step = .idle
        self.vaults[index].unsent = []
        self.vaults[index].incarnation += 1
        self.crashes += 1
    }

    mutating func fail(_ text: String) {
        if self.violation == nil { self.violation = text }
    }
}

extension RenewalWorld {
    /// Lets one vault go on alone, without any further mishap, until there is nothing for it to do.
    mutating func bringToAnEnd() {
        for _ in 0..<4 {
            // Leases and access tokens are over by then.
            self.now += 4
            self.arm(0, isDue: true)
            while self.vaults[0].step != .idle, self.violation == nil {
                self.goOn(0)
            }
        }
    }

    private mutating func goOn(_ index: Int) {
        switch self.vaults[index].step {
        case .idle: break
        case .armed(let permit): self.look(index, permit)
        case .checked(let permit): self.send(index, permit)
        case .sent(let permit, let refreshToken):
            self.vaults[index].step = .inTransit(permit, self.provider.answer(refreshToken, tick: self.now))
        case .inTransit(let permit, .tokens(let refreshToken)):
            self.vaults[index].step = .holding(permit, refreshToken: refreshToken)
        case .inTransit(let permit, .invalidGrant): self.vaults[index].step = .failed(permit, .invalidGrant)
        case .holding(let permit, let refreshToken): self.keep(index, permit, refreshToken)
        case .kept(let permit, let refreshToken): self.land(index, permit, refreshToken)
        case .failed(let permit, let outcome): self.settle(index, permit, outcome)
        }
    }
}
