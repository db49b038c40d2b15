import ArgumentParser
import Foundation
import VaultCore

struct AuditAcceptClockCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-clock",
        abstract: "Say that the clock of this machine is right, though the audit has callers of a later time.",
        discussion: """
            Only when it is: the clock ran ahead for a while, and so did that of whoever made the callers' tokens. The audit says \
            who said so. Days are counted from then on by `token-vault audit prune`, too.
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let (store, _) = try await context.openChainedStore()
        let now = store.now()
        try await store.append([.command(.acceptClock)])
        try context.report(
            Report(time: now),
            self.output,
            or: ["The audit goes on from \(now.formatted(.iso8601)): start the vault."]
        )
    }

    private struct Report: Encodable {
        let time: Date
    }
}
