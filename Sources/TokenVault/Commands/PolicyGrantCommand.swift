import ArgumentParser
import ProgramSupport
import VaultCore

struct PolicyGrantCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Let a principal do something, beside what it may do already.",
        discussion: """
            Without --service it holds for the whole store: whoever may get tokens may get every one. With --service it holds \
            for that service and its tokens, with --token for that token alone.
            """
    )

    @OptionGroup var principal: PrincipalOptions
    @OptionGroup var scope: ResourceOptions

    @Option(help: "Permissions, separated by commas: \(Permission.allNames.joined(separator: ", ")).")
    var permissions: String

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let principal = try self.principal.principal()
        let resource = try self.scope.resource()
        let permissions = try self.parsedPermissions()
        let (store, _) = try await context.openChainedStore()
        let names = permissions.names.joined(separator: ",")
        try await store.append([.command(.putPolicy, on: resource, detail: "\(principal.title): \(names)")])
        guard let policy = try await store.grant(permissions, to: principal, on: resource) else {
            throw resource.absence
        }
        try context.report(
            PolicyReport(policy),
            self.output,
            or: [
                "Granted; \(principal.title) may \(policy.permissions.names.joined(separator: ",")) on "
                    + "\(resource.title)."
            ]
        )
    }

    private func parsedPermissions() throws -> Permission {
        var permissions: Permission = []
        for name in self.permissions.split(separator: ",") {
            let name = name.filter { $0 != " " }
            guard let permission = Permission(name: name) else {
                throw UsageError(
                    "\"\(name)\" is not a permission: use \(Permission.allNames.joined(separator: ", "))."
                )
            }
            permissions.formUnion(permission)
        }
        guard !permissions.isEmpty else {
            throw UsageError("--permissions is empty: use \(Permission.allNames.joined(separator: ", ")).")
        }
        return permissions
    }
}
