import ArgumentParser
import VaultCore

struct PolicyListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the policies: all of them, or with --service or --token those made for just that."
    )

    @OptionGroup var scope: ResourceOptions
    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let resource = try self.scope.resource()
        let store = try await context.openStore()
        let policies = try await store.policies(on: resource == .store ? nil : resource)
        let table = TextTable(
            ["FOR", "TENANT", "OBJECT", "MAY"],
            policies.map { policy in
                [
                    policy.resource.title, policy.principal.tenantID, policy.principal.objectID,
                    policy.permissions.names.joined(separator: ","),
                ]
            }
        )
        let none =
            resource == .store
            ? "There are no policies; `token-vault policy grant` makes one."
            : "There are no policies for \(resource.title); those of what it lies in hold for it too."
        try context.report(policies.map(PolicyReport.init), self.output, or: policies.isEmpty ? [none] : table.lines)
    }
}
