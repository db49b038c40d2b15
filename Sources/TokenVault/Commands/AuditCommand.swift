import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore
import VaultSQLite

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look after the audit: who asked for which token, and what came of it.",
        subcommands: [AuditListCommand.self, AuditPruneCommand.self]
    )
}

/// Which entries of the audit are meant.
struct AuditAgeOptions: ParsableArguments {
    @Option(help: "Entries from before a day or a time, in UTC, for example 2030-01-31 or 2030-01-31T12:00:00Z.")
    var before: String?

    @Option(help: "Entries older than this many days, counted from now or, if that is earlier, from the last entry.")
    var olderThan: Int?

    /// The time that the options name; nil when they name none.
    ///
    /// With days, a clock that runs ahead must not make everything old: who reads tokens brings one with a time of its own.
    func date(in store: SQLiteStore) async throws -> Date? {
        let now = store.now()
        switch (self.before, self.olderThan) {
        case (nil, nil):
            return nil
        case (let text?, nil):
            guard let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text, strategy: Self.day)) else {
                throw ConfigurationError("--before is not a day or a time such as 2030-01-31 or 2030-01-31T12:00:00Z.")
            }
            guard date <= now else {
                throw ConfigurationError("--before has not come yet: give a time that has passed.")
            }
            return date
        case (nil, let days?):
            guard (1...36_500).contains(days) else {
                throw ConfigurationError("--older-than is not a number of days from 1 to 36500.")
            }
            let last = try await store.lastAuditTime() ?? now
            return min(now, last).addingTimeInterval(TimeInterval(-days * 24 * 60 * 60))
        default:
            throw ConfigurationError("Give --before or --older-than, not both.")
        }
    }

    private static let day = Date.ISO8601FormatStyle().year().month().day()
}

struct AuditListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the audit, the oldest entry first, one a line, with tabs between its columns.",
        discussion: "The columns are time, tenant id, object id, action, service, token, outcome, detail."
    )

    @OptionGroup var age: AuditAgeOptions

    func run(in context: CommandContext) async throws {
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        try await store.readAudit(before: self.age.date(in: store)) { row in
            try context.write(row.line)
        }
    }
}

struct AuditPruneCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete old entries of the audit, and give their space back to the file system.",
        discussion: """
            The vault may go on serving. The audit itself says how many entries were deleted and when, and that is never \
            pruned. `token-vault audit list` with the same option prints first what would be deleted.
            """
    )

    @OptionGroup var age: AuditAgeOptions

    func run(in context: CommandContext) async throws {
        let settings = try StoreSettings(environment: context.environment)
        let store = try await SQLiteStore.open(at: settings.database)
        guard let date = try await self.age.date(in: store) else {
            throw ConfigurationError("Say what may go: --before DATE or --older-than DAYS.")
        }
        let before = store.size()
        let count = try await store.pruneAudit(
            before: date,
            by: Principal(tenantID: "local", objectID: "uid \(getuid())")
        )
        let limit = date.formatted(.iso8601)
        guard count > 0 else {
            try context.write("Nothing was deleted: the audit has no entry from before \(limit).")
            return
        }
        let isCut = try await store.giveBackSpace()
        let freed = max(before - store.size(), 0).formatted(.byteCount(style: .binary))
        _ = try await store.fillReserve()
        try context.write(
            "Deleted \(count) entries of the audit from before \(limit)."
                + (isCut ? " The store takes \(freed) less." : " Their space goes back when the vault is less busy.")
        )
    }
}
