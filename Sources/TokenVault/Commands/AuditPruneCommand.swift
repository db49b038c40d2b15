import ArgumentParser
import Foundation
import Glibc
import ProgramSupport
import VaultCore
import VaultSQLite

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

    @OptionGroup var age: AuditAgeOptions
    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        guard self.age.before != nil || self.age.olderThan != nil else {
            throw UsageError("Say what may go: --before DATE or --older-than DAYS.")
        }
        try self.age.check()
        let (store, sealer) = try await context.openChainedStore()
        guard let date = try await self.age.date(in: store) else { return }
        let before = store.size()
        let count: Int
        do {
            count = try await store.pruneAudit(
                before: date,
                by: Principal(tenantID: "local", objectID: "uid \(getuid())"),
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
        let isCut = try await store.giveBackSpace()
        let bytes = max(before - store.size(), 0)
        let freed = bytes.formatted(.byteCount(style: .binary))
        _ = try await store.fillReserve()
        try context.report(
            Report(before: date, deleted: count, freedBytes: bytes),
            self.output,
            or: [
                "Deleted \(count) entries of the audit from before \(limit)."
                    + (isCut
                        ? " The store takes \(freed) less." : " Their space goes back when the vault is less busy.")
            ]
        )
    }

    private struct Report: Encodable {
        let before: Date
        let deleted: Int
        let freedBytes: Int
    }
}
