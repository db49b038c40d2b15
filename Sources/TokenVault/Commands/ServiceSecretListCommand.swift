import ArgumentParser
import Foundation
import VaultCore

struct ServiceSecretListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the client secrets by their fingerprints, the newest first."
    )

    @OptionGroup var service: ServiceArgument

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try self.service.name()
        let (store, sealer) = try await context.openSealedStore()
        guard try await store.service(name) != nil else { throw CommandRefusal.noService(name) }
        let secrets = try await store.clientSecrets(of: name)
        var reports: [ClientSecretReport] = []
        for secret in secrets {
            reports.append(
                ClientSecretReport(
                    fingerprint: try await secret.fingerprint(with: sealer),
                    isNewest: reports.isEmpty,
                    createdOn: secret.createdOn
                )
            )
        }
        let table = TextTable(
            ["FINGERPRINT", "ADDED", "TRIED"],
            reports.map { [$0.fingerprint, $0.createdOn.formatted(.iso8601), $0.isNewest ? "first" : "second"] }
        )
        let none = "There are none; `token-vault service secret add \(name)` adds one."
        try context.report(reports, self.output, or: reports.isEmpty ? [none] : table.lines)
    }
}
