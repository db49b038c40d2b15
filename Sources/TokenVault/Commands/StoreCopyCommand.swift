import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct StoreCopyCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Move the store to another database: from SQLite to PostgreSQL, or back.",
        discussion: """
            TOKEN_VAULT_STORE names where the store is, --to an empty database where it is to go. Stop the vaults first. \
            Everything goes along as it is sealed, under the same key, also the audit with its chains. When it is there, the \
            store that TOKEN_VAULT_STORE names is not used any more, and says where it went: two stores with the same refresh \
            tokens would end the access of people. If this is interrupted, run it again: before the last step the store is where \
            it was, and after that it is at the new place.
            """
    )

    @Option(help: "Where to: postgresql://USER@HOST/DATABASE, or the path of a file.")
    var to: String

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let settings = try StoreSettings(environment: context.environment)
        let next = try StoreSettings(environment: context.environment.merging(["TOKEN_VAULT_STORE": self.to]) { $1 })
        guard next.address != settings.address else {
            throw UsageError("--to names where the store is already: name another database.")
        }
        // The key that opens the store there is that of here, and may not lie beside it.
        if case .file(let file) = try context.keySource(of: next) { _ = try file.read() }
        if try await !self.hasDeparted(settings.address) { try await self.prepare(context, settings, next) }
        let report = try await self.move(from: settings.address, to: next.address)
        // Says what is wrong if the key does not open it there.
        let store = try await next.address.openLive().store
        _ = try await UnsealedStore.sealer(of: store, source: context.keySource(of: next), address: next.address)
        let tokens = report.rows["token"] ?? 0
        try context.report(
            Report(to: next.address.description, isResumed: report.isResumed, rows: report.rows),
            self.output,
            or: [
                report.isResumed
                    ? "The store is at \(next.address): an earlier run had copied everything."
                    : "Copied \(report.rows.values.reduce(0, +)) rows, of \(tokens) tokens, to \(next.address).",
                "Set TOKEN_VAULT_STORE=\(self.to), and start the vaults. \(settings.address) is not used any more.",
            ]
        )
    }

    private func hasDeparted(_ address: StoreAddress) async throws -> Bool {
        let source = try await address.departing()
        let result: Result<StoreMove?, any Error>
        do { result = .success(try await source.departure()) } catch { result = .failure(error) }
        await source.close()
        return try result.get() != nil
    }

    /// Takes in what the journal has for the store, and tells the audit where the store goes.
    ///
    /// Nothing that this opens is open any more when it returns, since it would count as somebody who uses the store.
    private func prepare(_ context: CommandContext, _ settings: StoreSettings, _ next: StoreSettings) async throws {
        let (store, sealer) = try await context.openChainedStore()
        if let journal = try AnswerJournal.existing(at: settings.journalPath) {
            let rest = try await JournalReplay(journal: journal, store: store, sealer: sealer).run()
            guard rest == 0 else {
                throw CommandRefusal(
                    "Nothing was copied: \(rest) answers of providers lie in \(settings.journalPath), and the store does not "
                        + "take them. Start the vault, look into its log, and delete the file if they are of no use."
                )
            }
        }
        try await store.append([.command(.copyStore, detail: "to \(next.address)")])
    }

    private func move(from source: StoreAddress, to target: StoreAddress) async throws -> StoreMover.Report {
        let departing = try await source.departing()
        let arriving: any ArrivingStore
        do {
            arriving = try await target.arriving()
        } catch {
            await departing.close()
            throw error
        }
        return try await StoreMover(
            from: (departing, source.description),
            to: (arriving, target.description)
        ).move()
    }

    private struct Report: Encodable {
        let to: String
        /// Whether an earlier run had copied everything.
        let isResumed: Bool
        /// How many rows were copied, by table.
        let rows: [String: Int]
    }
}
