import AppAuthentication
import ArgumentParser

/// Says who the token would be for, and which method found that out.
struct WhoAmICommand: SurroundedCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Print the principal, and the method that found it."
    )

    @OptionGroup var question: ResourceOption
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var format: OutputOption

    func run(in context: CommandContext) async throws {
        let provider = try self.identity.makeProvider(in: context)
        let token = try await self.identity.token(of: provider, for: self.question.resource, in: context)
        let method = provider.credentialUsed
        let report = WhoAmIReport(token, method: method ?? "")
        try context.say(self.format.output == .json ? try report.json : report.text)
    }
}

/// The resource, for commands that want to know about the identity more than about what it may do.
struct ResourceOption: ParsableArguments {
    @Option(help: "What a token is asked for.")
    var resource = "https://management.azure.com"
}
