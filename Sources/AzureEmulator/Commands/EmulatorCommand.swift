import ArgumentParser
import ProgramSupport

/// The command line of the program.
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: App.name,
        abstract: "Azure's identity endpoints on this machine, for development and tests.",
        discussion: """
            A FastCGI responder: managed identity as in App Service and on virtual machines, the token endpoint for \
            client secrets, and the documents by which a token is verified. It answers loopback addresses only. \
            Its tokens are signed with a key of its own: they are worthless to Azure and to everyone else who does \
            not choose to trust this emulator. Never let a server trust it that others can reach.

            Settings are read from the environment: AZURE_EMULATOR_STATE (directory of the key and the secrets; \
            required), AZURE_EMULATOR_URL (http://127.0.0.1:8081), AZURE_EMULATOR_TENANT (a GUID), \
            AZURE_EMULATOR_IDENTITIES (a JSON file), AZURE_EMULATOR_TOKEN_LIFETIME (3600 seconds), \
            AZURE_EMULATOR_IDENTITY_TOKEN_LIFETIME (86400 seconds), LOG_LEVEL.

            Below /oauth it is an OAuth provider with people who log in without passwords, for a token vault to be tried \
            with: AZURE_EMULATOR_OAUTH_ROTATION (strict; or none, grace, previous-until-used), \
            AZURE_EMULATOR_OAUTH_GRACE (30 seconds), AZURE_EMULATOR_OAUTH_LIFETIME (60 seconds), \
            AZURE_EMULATOR_OAUTH_REDIRECT_URIS (any on this machine).
            """,
        version: ProgramVersion.text(of: App.name),
        subcommands: [ServeCommand.self, EnvironmentCommand.self, PrincipalCommand.self, OAuthClientCommand.self],
        defaultSubcommand: ServeCommand.self
    )
}
