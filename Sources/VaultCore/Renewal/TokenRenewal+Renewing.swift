import Foundation
import Logging
import ProgramMetrics
import TokenTransport

extension TokenRenewal {
    /// Renews a token, or finds out why not; on errors the token stays as it is.
    func renew(_ token: TokenKey, isUrgent: Bool) async -> RenewalEnd {
        await self.gates.enter(token, isUrgent: isUrgent)
        defer { self.gates.leave(token) }
        guard !self.hasEnded else { return .later(.seconds(5)) }
        do {
            return try await self.tryToRenew(token, isSweep: !isUrgent)
        } catch {
            self.logger.error("The renewal of \(token) failed, and is tried again later: \(error)")
            return .later(.seconds(5))
        }
    }

    private func tryToRenew(_ token: TokenKey, isSweep: Bool) async throws -> RenewalEnd {
        let refresher = try await self.refresher.terms(of: token.service)
        let terms = RenewalTerms(
            rotation: refresher.rotation,
            deadline: self.settings.deadline,
            lease: self.settings.lease,
            jitter: Double.random(in: 0.75...1.25)
        )
        var secret = 0
        // The answer that somebody died over may be there.
        var knowsJournal = self.journal == nil
        let patienceEnds = self.clock.now().advanced(by: self.settings.longPatience)
        while true {
            if let pause = self.gates.circuit(of: token.service).pause(at: self.clock.now()), secret == 0 {
                // A kept answer asks nothing of the provider, but neither does it run away.
                return self.gates.circuit(of: token.service).isClientRefused
                    ? .problem(.serviceBroken) : .later(self.clock.now().duration(to: pause) ?? .seconds(30))
            }
            switch try await self.arm(token, terms: terms, refresher: refresher, isSweep: isSweep, knowsJournal) {
            case .orphaned:
                await self.replayJournal()
                knowsJournal = true
            case nil, .fresh, .uncertain: return .current
            case .ended(let problem): return .problem(problem)
            case .paused(let until): return .later(self.clock.now().duration(to: until) ?? .seconds(30))
            case .busy:
                self.metrics.leaseWaits.increment()
                guard patienceEnds.isAfter(self.clock.now()) else { return .later(.seconds(1)) }
                try await self.clock.sleep(.milliseconds(Int64.random(in: 25...50)))
            case .readAnswer(let permit):
                guard let kept = try await self.keptAnswer(of: token) else {
                    return try await self.settle(.unreadable, of: token, permit: permit, terms: terms)
                }
                return try await self.finish(kept, of: token, permit: permit, terms: terms)
            case .armed(let permit):
                let isLast = secret + 1 >= refresher.secretCount
                let end = try await self.call(token, permit: permit, terms: terms, secret: secret, isLast: isLast)
                guard let end else { continue }
                guard end == .problem(.serviceBroken), !isLast else { return end }
                secret += 1
            }
        }
    }

    private func arm(
        _ token: TokenKey,
        terms: RenewalTerms,
        refresher: RefresherTerms,
        isSweep: Bool,
        _ knowsJournal: Bool
    ) async throws -> ArmDecision? {
        let unsent = self.unsent.permits(of: token)
        let decision: ArmDecision? = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
            for permit in unsent { row.takeBack(permit, owner: self.owner, terms: terms) }
            let date = self.clock.date()
            let isDue =
                isSweep
                ? RenewalSchedule.isDueForSweep(
                    row,
                    token: token,
                    at: date,
                    cap: refresher.marginCap,
                    idle: refresher.idle
                )
                : RenewalSchedule.isDue(row, at: date, cap: refresher.marginCap)
            let request = ArmRequest(
                owner: self.owner,
                now: self.clock.now(),
                date: date,
                isDue: isDue,
                mayAbandon: knowsJournal,
                terms: terms,
                isAlive: self.isAlive
            )
            let (decision, writes) = row.arm(request)
            // Before it is known whether that gets into the store.
            if case .armed(let permit) = decision { self.unsent.note(permit, of: token) }
            return (result: decision, writes: writes)
        }
        self.unsent.forget(token)
        if case .armed(let permit) = decision { self.unsent.note(permit, of: token) }
        return decision
    }

    /// Sends the one request of a lease.
    ///
    /// - Returns: Nil when the row has to be looked at again: an answer waits there to be read.
    private func call(
        _ token: TokenKey,
        permit: RenewalPermit,
        terms: RenewalTerms,
        secret: Int,
        isLast: Bool
    ) async throws -> RenewalEnd? {
        let credential: Credential?
        do {
            credential = try await self.store.credential(of: token, version: permit.version, sealer: self.sealer)
        } catch let error as SealerError {
            self.logger.critical(
                "The credential of a token does not open: it was damaged, or changed from outside. Log in again.",
                metadata: ["token": "\(token)", "reason": "\(error)"]
            )
            return try await self.settle(.notSent, of: token, permit: permit, terms: terms, countsForService: false)
        }
        guard let credential, permit.outlasts(terms.deadline, from: self.clock.now()) else {
            let _: Bool? = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
                row.withdraw(permit, terms: terms)
                return (result: true, writes: [])
            }
            return .later(.seconds(1))
        }
        self.unsent.forget(token)
        let response: TransportResponse
        let begin = ContinuousClock.now
        do {
            defer { self.metrics.refreshTime.observe(begin.duration(to: .now)) }
            response = try await self.refresher.send(
                credential,
                of: token,
                secret: secret,
                timeout: terms.deadline
            )
        } catch {
            self.logger.warning(
                "A provider could not be asked for new tokens: \(Self.reason(of: error))",
                metadata: ["token": "\(token)"]
            )
            return try await self.settle(Self.outcome(of: error), of: token, permit: permit, terms: terms)
        }
        let received = self.clock.date()
        guard (200..<300).contains(response.status) else {
            let reading = try await self.refresher.read(
                response,
                of: token,
                configurationHash: credential.configurationHash,
                receivedAt: received
            )
            switch reading {
            case .outcome(.clientRefused) where !isLast:
                // The next secret is tried before anybody hears of it.
                return try await self.settle(.clientRefused, of: token, permit: permit, terms: terms, isLast: false)
            case .outcome(let outcome):
                return try await self.settle(outcome, of: token, permit: permit, terms: terms)
            case .tokens: return try await self.settle(.unreadable, of: token, permit: permit, terms: terms)
            case .serviceChanged:
                // It says nothing of the service as it is now, and of the token what its status does.
                let outcome: RefreshOutcome = [502, 504].contains(response.status) ? .gatewayLost : .rejected
                _ = try await self.settle(outcome, of: token, permit: permit, terms: terms, countsForService: false)
                return .problem(.serviceChanged)
            }
        }
        let kept = KeptAnswer(response, configurationHash: credential.configurationHash, receivedOn: received)
        let data = try JSONEncoder().encode(kept)
        switch await self.keep(data, of: token, permit: permit) {
        case .store(.landed): return try await self.finish(kept, of: token, permit: permit, terms: terms)
        case .replayed: return nil
        case .journal: return .later(.seconds(5))
        case .store:
            self.logger.critical(
                "The answer of a provider came too late to be used, and is kept: this process stood still for too long.",
                metadata: ["token": "\(token)"]
            )
            return .current
        }
    }

    /// The stored answer that nobody has read; nil when it is gone, or does not open.
    private func keptAnswer(of token: TokenKey) async throws -> KeptAnswer? {
        do {
            let data = try await self.store.keptAnswer(of: token, sealer: self.sealer)
            return try data.map { try JSONDecoder().decode(KeptAnswer.self, from: $0) }
        } catch is SealerError {
            return nil
        } catch is DecodingError {
            return nil
        }
    }

    /// Reads a stored answer, and puts what it brought in place.
    private func finish(
        _ kept: KeptAnswer,
        of token: TokenKey,
        permit: RenewalPermit,
        terms: RenewalTerms
    ) async throws -> RenewalEnd {
        let reading = try await self.refresher.read(
            kept.response,
            of: token,
            configurationHash: kept.configurationHash,
            receivedAt: kept.receivedOn
        )
        switch reading {
        case .serviceChanged:
            let _: Bool? = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
                row.setAside(permit)
                return (result: true, writes: [])
            }
            return .problem(.serviceChanged)
        case .outcome(let outcome):
            return try await self.settle(outcome, of: token, permit: permit, terms: terms)
        case .tokens(let credential):
            let landing = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
                let (landing, writes) = row.land(credential, permit: permit, at: self.clock.date())
                return (result: landing, writes: writes)
            }
            guard landing != .repointed else { return .problem(.serviceChanged) }
            self.metrics.refreshes.increment(token.service, "renewed")
            self.gates.record(nil, of: token.service, at: self.clock.now())
            if landing == .fenced {
                self.logger.warning(
                    "The answer of a provider was not used: another credential took its place.",
                    metadata: ["token": "\(token)"]
                )
            }
            return .current
        }
    }

    private func settle(
        _ outcome: RefreshOutcome,
        of token: TokenKey,
        permit: RenewalPermit,
        terms: RenewalTerms,
        isLast: Bool = true,
        countsForService: Bool = true
    ) async throws -> RenewalEnd {
        self.metrics.refreshes.increment(token.service, outcome.name)
        let now = self.clock.now()
        let settled = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
            let (settlement, writes) = row.settle(
                outcome,
                permit: permit,
                terms: terms,
                now: now,
                date: self.clock.date()
            )
            return (result: (settlement, row.lease.retryAt), writes: writes)
        }
        guard isLast else { return .problem(.serviceBroken) }
        if countsForService { self.gates.record(outcome, of: token.service, at: now) }
        if outcome == .clientRefused {
            self.logger.error(
                "The provider refuses the client of the service: set its client id and secret right.",
                metadata: ["service": "\(token.service)"]
            )
            return .problem(.serviceBroken)
        }
        switch settled {
        case nil, (.overtaken, _)?: return .current
        case (.problem(let problem), _)?:
            self.logger.error("\(problem.message)", metadata: ["token": "\(token)", "reason": "\(problem.rawValue)"])
            return .problem(problem)
        case (.retry, let retryAt)?:
            self.logger.warning(
                "The provider gave no new tokens; it is asked again later.",
                metadata: ["token": "\(token)", "outcome": "\(outcome)"]
            )
            return .later(retryAt.flatMap { now.duration(to: $0) } ?? .seconds(30))
        }
    }

    /// What it means that no answer came; whatever is not known to have stayed here may have been sent.
    private static func outcome(of error: any Error) -> RefreshOutcome {
        switch error {
        case is UnsentRefreshError: .notSent
        case let error as TransportError: OAuthClient.outcome(of: error)
        default: .noAnswer
        }
    }

    /// The type alone of an error that might describe what it failed on.
    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as UnsentRefreshError: error.description
        case let error as TransportError: error.description
        default: "\(type(of: error))"
        }
    }
}
