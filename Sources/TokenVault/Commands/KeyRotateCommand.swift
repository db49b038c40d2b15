import ArgumentParser
import Foundation
import VaultCore

struct KeyRotateCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a new data key, seal everything with it, and remove the one before.",
        discussion: """
            Vaults may go on serving; they take the new key by themselves. If this is interrupted, everything still opens; the same \
            command makes another key then, and removes all that were before. It ends with 1 as long as an older key has to stay.
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let (store, sealer) = try await context.openChainedStore()
        let settings = try StoreSettings(environment: context.environment)
        let rotation = KeyRotation(
            store: store,
            sealer: sealer,
            journal: try AnswerJournal.existing(at: settings.journalPath),
            principal: .commandLine
        )
        // Also where a rotation was left: the key that it made may be what has leaked since.
        let key = try await rotation.begin()
        let report = try await rotation.finish()
        try context.report(
            Report(
                id: key,
                resealed: report.resealed,
                unreadable: report.unreadable,
                dropped: report.dropped,
                journaled: report.journaled,
                removed: report.removed,
                remaining: report.remaining
            ),
            self.output,
            or: self.lines(report, key: key)
        )
        guard report.isFinished else {
            throw CommandRefusal(
                "Older data keys are still in the store, and open something of it: \(report.remaining.joined(separator: ", "))."
            )
        }
    }

    private func lines(_ report: KeyRotation.Report, key: String) -> [String] {
        var lines = ["Made the data key \(key).", "Sealed \(report.resealed) rows with it."]
        lines += report.removed.map { "Removed the data key \($0)." }
        if !report.dropped.isEmpty {
            let rows = report.dropped.map(TextTable.cell).joined(separator: ", ")
            lines.append("Deleted answers that came too late and did not open: \(rows).")
        }
        if !report.unreadable.isEmpty {
            let rows = report.unreadable.map(TextTable.cell).joined(separator: ", ")
            lines.append(
                "These hold something that does not open, and keep an older key: \(rows). Once the token is deleted, or somebody "
                    + "has logged in again, run this command again."
            )
        }
        if report.journaled > 0 {
            lines.append(
                "\(report.journaled) answers of providers lie in the journal under an older key, until a vault that serves "
                    + "takes them out: then run this command again."
            )
        }
        if !report.isFinished, report.unreadable.isEmpty, report.journaled == 0 {
            lines.append("An older key is in use again: run this command once more.")
        }
        return lines
    }

    private struct Report: Encodable {
        let id: String
        let resealed: Int
        let unreadable: [String]
        let dropped: [String]
        let journaled: Int
        let removed: [String]
        let remaining: [String]
    }
}
