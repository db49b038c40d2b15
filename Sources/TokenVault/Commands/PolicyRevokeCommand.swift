import ArgumentParser
import ProgramSupport
import VaultCore

struct PolicyRevokeCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take from a principal what it may do.",
        discussion: """
            Without --service it takes the policy of the whole store, and leaves those of services and tokens; \
            --everywhere takes all of them.
            """
    )

    @OptionGroup var principal: PrincipalOptions
    @OptionGroup var scope: ResourceOptions

    @Flag(help: "Take all policies of the principal, of the store and of every service and token.")
    var everywhere = false

    func run(in context: CommandContext) async throws {
        let principal = try self.principal.principal()
        let resource = try self.scope.resource()
        guard !self.everywhere || resource == .store else {
            throw UsageError("--everywhere goes without --service and --token: it takes all policies.")
        }
        let (store, _) = try await context.openChainedStore()
        let present = try await store.policies(of: principal).map(\.resource)
        try await store.append([
            .command(.deletePolicy, on: resource, detail: principal.title + (self.everywhere ? ", everywhere" : ""))
        ])
        let places = self.everywhere ? "" : " for \(resource.title)"
        guard try await store.revoke(principal, on: self.everywhere ? nil : resource) else {
            throw CommandRefusal(
                "There is no policy of \(principal.title)\(places)"
                    + (present.isEmpty ? "" : ", but for \(Self.titles(present))")
                    + ": `token-vault policy list` shows those that there are."
            )
        }
        let left = self.everywhere ? [] : present.filter { $0 != resource }
        try context.write(
            "Revoked; \(principal.title) has "
                + (left.isEmpty
                    ? "no permission." : "no policy\(places) any more, and still those for \(Self.titles(left)).")
        )
    }

    private static func titles(_ resources: [Resource]) -> String {
        var titles: [String] = []
        for title in resources.map(\.title) where !titles.contains(title) { titles.append(title) }
        return titles.joined(separator: ", ")
    }
}
