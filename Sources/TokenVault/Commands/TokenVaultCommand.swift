import ArgumentParser
import ProgramSupport
import VaultCore

/// A command that is given its surroundings, so that tests can run it.
protocol VaultCommand: AsyncParsableCommand {
    func run(in context: CommandContext) async throws
}

extension VaultCommand {
    func run() async throws {
        try await self.runExplainingErrors(in: .process)
    }

    /// Gives the errors of the store the exit codes of a command.
    func runExplainingErrors(in context: CommandContext) async throws {
        do {
            try await self.run(in: context)
        } catch let error as StoreError {
            throw error.commandError
        }
    }
}

struct TokenVaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: App.name,
        abstract: "Keeps OAuth tokens, and hands them to callers with an Azure identity.",
        discussion: """
            Settings come from the environment. TOKEN_VAULT_STORE is the path of the database, TOKEN_VAULT_KEY_FILE \
            that of the key. The server needs TOKEN_VAULT_ISSUERS too, and takes TOKEN_VAULT_AUDIENCES, \
            TOKEN_VAULT_PUBLIC_URL, TOKEN_VAULT_PROVIDERS, MAX_IN_FLIGHT and LOG_LEVEL.

            Exit codes: 0 done, 1 it failed, or what it names is not there, 64 the command line is wrong, 74 standard \
            output cannot be written to, 75 something is missing that may be there later, such as room on the disk, 78 a \
            setting is wrong.
            """,
        version: ProgramVersion.text(of: App.name),
        subcommands: [
            ServeCommand.self, StoreCommand.self, ServiceCommand.self, ProviderCommand.self, PolicyCommand.self,
            TokenCommand.self, KeyCommand.self, BackupCommand.self, RestoreCommand.self, ExportCommand.self,
            ImportCommand.self,
            AuditCommand.self, DoctorCommand.self, ForecastCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )
}
