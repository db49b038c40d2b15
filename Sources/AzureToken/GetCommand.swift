import AppAuthentication
import ArgumentParser

/// Prints a token.
///
/// No other command does.
struct GetCommand: SurroundedCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print an access token for a resource.",
        discussion: "With --output json it is printed as 'az account get-access-token' prints it."
    )

    @Option(help: "What the token is for, such as https://vault.azure.net.")
    var resource: String

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var format: OutputOption

    func run(in context: CommandContext) async throws {
        let provider = try self.identity.makeProvider(in: context)
        let token = try await self.identity.token(of: provider, for: self.resource, in: context)
        switch self.format.output {
        case .text: try context.say(token.token)
        case .json: try context.say(AzureCLIAnswer(token, zone: context.zone).text)
        }
    }
}
