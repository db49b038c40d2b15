import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct AuditPruneCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete old entries of the audit, and give their space back to the file system.",
        discussion: """
            The vault may go on serving. The audit itself says how many entries were deleted and when, and that is never \
            pruned. `token-vault audit list` with the same option prints first what would be deleted. What is chained is \
            verified before it goes, and a signed note joins what is around it; a chain that is broken is left as it is.
            """
    )

    @Flag(help: "Delete entries of a broken chain too; the audit says then what was broken first.")
    var acceptBroken = false

    @Flag(help: "Delete them although nothing was written for more than 32 days after them.")
    var acceptGap = false

    @OptionGroup var age: AuditAgeOptions
    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        guard self.age.before != nil || self.age.olderThan != nil else {
            throw UsageError("Say what may go: --before DATE or --older-than DAYS.")
        }
        try self.age.check()
        let (store, sealer) = try await context.openChainedStore()
        guard let date = try await self.age.date(in: store) else { return }
        if self.age.olderThan != nil, !self.acceptGap { try await self.checkGap(around: date, in: store) }
        let count: Int
        do {
            count = try await store.pruneAudit(
                before: date,
                by: .commandLine,
                sealer: sealer,
                acceptsBroken: self.acceptBroken
            )
        } catch let error as BrokenAuditError {
            throw CommandRefusal(
                "The audit is broken: \(error.finding.sentence) Keep a copy of the store and look into it with "
                    + "`token-vault audit verify`; --accept-broken deletes the entries all the same."
            )
        }
        let limit = date.formatted(.iso8601)
        guard count > 0 else {
            try context.report(
                Report(before: date, deleted: 0, freedBytes: 0),
                self.output,
                or: ["Nothing was deleted: the audit has no entry from before \(limit)."]
            )
            return
        }
        let freed = try await store.giveBackSpace()
        _ = try await store.fillReserve()
        try context.report(
            Report(before: date, deleted: count, freedBytes: freed ?? 0),
            self.output,
            or: [
                "Deleted \(count) entries of the audit from before \(limit)."
                    + (freed.map { " The store takes \($0.formatted(.byteCount(style: .binary))) less." }
                        ?? " Their space goes back when the vault is less busy.")
            ]
        )
    }

    /// A clock that ran ahead makes everything old, and the audit has nothing from the time that it left out.
    ///
    /// - Throws: ``CommandRefusal``.
    private func checkGap(around date: Date, in store: any AdministeredStore) async throws {
        guard let gap = try await store.auditGap(around: date, end: store.now()), gap.isImplausible else { return }
        throw CommandRefusal(
            "Nothing was deleted: the audit has no entry between \(gap.begin.formatted(.iso8601)) and "
                + "\(gap.end.formatted(.iso8601)), as if the clock had run ahead. If nothing happened in that time, "
                + "--accept-gap deletes what is from before it."
        )
    }

    private struct Report: Encodable {
        let before: Date
        let deleted: Int
        let freedBytes: Int
    }
}
