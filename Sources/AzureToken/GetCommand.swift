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

    func run(in surroundings: Surroundings) async throws {
        let provider = try self.identity.makeProvider(in: surroundings)
        let token = try await provider.accessToken(forResource: self.resource, tenantID: self.identity.tenant)
        switch self.identity.output {
        case .text: surroundings.say(token.token)
        case .json: surroundings.say(AzureCLIAnswer(token, timeZone: surroundings.timeZone).text)
        }
    }
}
