import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore
import VaultSQLite

struct RestoreCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of the store, and say what differs and which tokens need a login.",
        discussion: """
            No vault may serve the store meanwhile. The store that is there stays beside it under another name. Refresh tokens \
            that may have been used since the backup was made are not used, unless their provider takes them any number of \
            times: to use one twice would end what the person gave.
            """
    )

    @Argument(help: "What `token-vault backup` wrote.")
    var file: String

    @Flag(
        help: "Use all refresh tokens, since nothing has used them since the backup was made, as after a move to here."
    )
    var latest = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let settings = try StoreSettings(environment: context.environment)
        let database = try settings.file(for: "token-vault restore")
        let source = try context.keySource()
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let restoration = try await StoreRestoration.prepare(self.file, forStore: database) { Date() }
        let kept: String?
        let comparison: Comparison
        do {
            let sealer = try await UnsealedStore.sealer(
                of: restoration.store,
                source: source,
                address: .file(self.file)
            )
            let isUpToDate = try await restoration.isUpToDate()
            var store = restoration.store
            store.sendsWebhooks = WebhookSettings.areWanted(in: context.environment)
            let aside =
                self.latest || isUpToDate
                ? 0 : try await CopiedStore(store: store, catalog: catalog).setAside(entry: nil)
            try await self.record(
                aside: aside,
                in: restoration.store,
                sealer: sealer,
                database: database,
                settings: settings
            )
            comparison = try await Self.comparison(restoration)
            kept = try await restoration.finish(at: Date())
        } catch {
            restoration.cancel()
            throw error
        }
        let reader = try await TokenReportReader(context)
        let tokens = try await reader.reports(of: nil)
        let needing = tokens.filter { $0.reason == TokenProblem.restored.rawValue }
        var lines = comparison.difference?.warnings ?? []
        lines.append("Put \(self.file) in the place of the store, with \(tokens.count) tokens.")
        if let kept { lines.append("The store that was there is \(kept): delete it when you do not need it any more.") }
        if needing.isEmpty {
            lines.append("No token needs a login because of it.")
        } else {
            lines.append("\(needing.count) need a login, since their refresh tokens may have been used since:")
            lines += needing.map { token in
                "  \(token.service)/\(token.name)" + (token.account.map { " (\(TextTable.cell($0)))" } ?? "")
            }
        }
        lines += comparison.lines
        try context.report(
            Report(
                tokens: tokens.count,
                needingLogin: needing.map { Token(service: $0.service, name: $0.name, account: $0.account) },
                previousStore: kept,
                difference: comparison.difference.map(StoreDifferenceReport.init),
                notCompared: comparison.failure
            ),
            self.output,
            or: lines
        )
    }

    /// What came of comparing the backup with the store that was there.
    private struct Comparison {
        /// Nil when there was none, or it could not be read.
        var difference: StoreDifference?
        /// Why it could not be read.
        var failure: String?

        var lines: [String] {
            let advice =
                "Return addresses and client secrets are those of the backup, also those taken away since: look at "
                + "`token-vault service list`."
            if let difference { return difference.lines + [advice] }
            let reason = self.failure.map { "The store that was there could not be compared: \($0) " } ?? ""
            return [
                reason + "Policies, services and tokens are those of the backup, also those taken away since: look at "
                    + "`token-vault policy list`.", advice,
            ]
        }
    }

    /// A store that cannot be read is no reason to keep it: it may be why it is replaced.
    private static func comparison(_ restoration: StoreRestoration) async throws -> Comparison {
        do {
            return Comparison(difference: try await restoration.difference())
        } catch let error as StoreError {
            return Comparison(failure: error.description)
        }
    }

    /// What holds the chain of the audit is gone when this returns, since it counts as somebody who serves the store.
    private func record(
        aside: Int,
        in store: any AdministeredStore,
        sealer: CredentialSealer,
        database: String,
        settings: StoreSettings
    ) async throws {
        let live = try LivenessFile(databasePath: database)
        let chained = try await store.chainingAudit(sealer: sealer, live: live, settings: settings)
        try await chained.append([.command(.restore, detail: "\(aside) set aside")])
    }

    private struct Token: Encodable {
        let service: String
        let name: String
        let account: String?
    }

    private struct Report: Encodable {
        let tokens: Int
        let needingLogin: [Token]
        /// Where the store that was there is now.
        let previousStore: String?
        /// What that had and this has not, and the other way round.
        let difference: StoreDifferenceReport?
        /// Why nobody can say that.
        let notCompared: String?
    }
}
