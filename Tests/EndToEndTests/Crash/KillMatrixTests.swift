import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// Real vaults, killed at every point of a renewal, against providers of every kind.
    @Suite(.enabled(if: VaultLab.isAvailable, "only root may allow providers on this machine"))
    struct KillMatrixTests {
        private struct Plan: Sendable {
            var point: KillPoint
            var isAlive: Bool
        }

        /// `make test-crash` sets it: how many times each point is reached with each kind.
        private static let rounds = ProcessInfo.processInfo.environment["KILL_ROUNDS"].flatMap { Int($0) }
        /// `make test-hosts` sets it: the stores of the whole matrix are in PostgreSQL.
        private static let isPostgres = ProcessInfo.processInfo.environment["KILL_STORE"] == "postgresql"

        /// The short form: every point, and the worst of them with the worst kind of provider.
        @Test(.timeLimit(.minutes(20)))
        func aKilledVaultLosesNothingButWhatAStrictProviderTookBack() async throws {
            let plans: [(kind: GrantLedger.Kind, plans: [Plan])] = [
                (.strict, [Plan(point: .afterRequest, isAlive: true), Plan(point: .afterSeal, isAlive: false)]),
                (.strict, [Plan(point: .afterArm, isAlive: true), Plan(point: .firstByte, isAlive: false)]),
                (.strict, [Plan(point: .inSweep, isAlive: true), Plan(point: .inSave, isAlive: false)]),
                (
                    .strict,
                    [
                        Plan(point: .midRequest, isAlive: false), Plan(point: .afterAnswer, isAlive: false),
                        Plan(point: .inRedirect, isAlive: false),
                    ]
                ),
                (
                    .grace,
                    [
                        Plan(point: .afterRequest, isAlive: false), Plan(point: .afterConnect, isAlive: false),
                        Plan(point: .afterParse, isAlive: false),
                    ]
                ),
                (
                    .previousUntilUsed,
                    [
                        Plan(point: .firstByte, isAlive: false), Plan(point: .afterLand, isAlive: false),
                        Plan(point: .inSave, isAlive: false),
                    ]
                ),
                (
                    .none,
                    [
                        Plan(point: .afterRequest, isAlive: false), Plan(point: .beforeReply, isAlive: false),
                        Plan(point: .inRedirect, isAlive: false),
                    ]
                ),
            ]
            let report = try await Self.run(plans, until: .now + .seconds(15 * 60))
            print(report.text)
            #expect(report.complaints == [])
            #expect(report.results.count == plans.map(\.plans.count).reduce(0, +))
            #expect(report.results.contains { $0.lost > 0 })
        }

        /// Where it matters most what a database that is not in the vault's process makes of a vault that is gone.
        @Test(.enabled(if: PostgresCluster.isAvailable, "it takes PostgreSQL"), .timeLimit(.minutes(20)))
        func aKilledVaultWhoseStoreIsInPostgresLosesNoMore() async throws {
            let points: [[KillPoint]] = [
                [.afterArm, .afterSeal], [.afterAnswer], [.afterRequest], [.inSave, .afterLand],
            ]
            let plans = points.map {
                (kind: GrantLedger.Kind.strict, plans: $0.map { Plan(point: $0, isAlive: false) })
            }
            let report = try await Self.run(plans, until: .now + .seconds(15 * 60), isPostgres: true)
            print(report.text)
            #expect(report.complaints == [])
            #expect(report.results.count == points.map(\.count).reduce(0, +))
        }

        @Test(.enabled(if: rounds != nil, "make test-crash runs it"), .timeLimit(.minutes(20)))
        func theWholeMatrix() async throws {
            let all = KillPoint.allCases.flatMap { point in
                (0..<(Self.rounds ?? 6)).map { Plan(point: point, isAlive: $0 % 3 == 0 || point == .inSweep) }
            }
            // Three lanes for each kind, which take turns at the list.
            let plans = GrantLedger.Kind.allCases.flatMap { kind in
                (0..<3).map { lane in (kind, all.indices.filter { $0 % 3 == lane }.map { all[$0] }) }
            }
            let report = try await Self.run(plans, until: .now + .seconds(18 * 60), isPostgres: Self.isPostgres)
            print(report.text)
            #expect(report.complaints == [])
            #expect(report.results.count == all.count * GrantLedger.Kind.allCases.count)
        }

        private static func run(
            _ plans: [(kind: GrantLedger.Kind, plans: [Plan])],
            until deadline: ContinuousClock.Instant,
            isPostgres: Bool = false
        ) async throws -> KillReport {
            guard isPostgres else { return try await self.run(plans, until: deadline, in: nil) }
            return try await PostgresCluster.with(settings: ["max_connections": "400"]) { cluster in
                try await self.run(plans, until: deadline, in: cluster)
            }
        }

        private static func run(
            _ plans: [(kind: GrantLedger.Kind, plans: [Plan])],
            until deadline: ContinuousClock.Instant,
            in cluster: PostgresCluster?
        ) async throws -> KillReport {
            let report = Box(KillReport())
            try await VaultLab.with(plans.map(\.kind), cluster: cluster) { lab in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (lane, (kind, plans)) in zip(lab.lanes, plans) {
                        group.addTask {
                            try await Self.run(plans, kind: kind, in: lane, until: deadline, report: report)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            return report.value
        }

        private static func run(
            _ plans: [Plan],
            kind: GrantLedger.Kind,
            in lane: VaultLane,
            until deadline: ContinuousClock.Instant,
            report: Box<KillReport>
        ) async throws {
            try await lane.start()
            var number = 0
            for plan in plans {
                // A kill that the vault was too fast for is tried again.
                for _ in 0..<30 where ContinuousClock.now < deadline {
                    number += 1
                    let round = KillRound(
                        lane: lane,
                        kind: kind,
                        point: plan.point,
                        number: number,
                        isAlive: plan.isAlive
                    )
                    if let result = try await round.run() {
                        report.withLock { $0.results.append(result) }
                        break
                    }
                    report.withLock { $0.missed += 1 }
                }
            }
            guard try await lane.watch().isIntact() else {
                throw ChildProcess.Failure(description: "the database is damaged")
            }
            let verification = try await lane.command(["audit", "verify"])
            guard verification.contains("entries are as they were written.") else {
                throw ChildProcess.Failure(description: "the audit is broken: \(verification)")
            }
            let audit = try await lane.command(["audit", "list"])
            if !audit.contains("renewToken") || lane.log().contains("rt-t") || lane.log().contains("at-t") {
                throw ChildProcess.Failure(description: "the audit is not there, or tokens are in the log")
            }
        }
    }
}
