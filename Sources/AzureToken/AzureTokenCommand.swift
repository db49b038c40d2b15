import AppAuthentication
import ArgumentParser
import ProgramSupport

/// The command line, and the way out of it.
struct AzureTokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure-token",
        abstract: "Gets access tokens for Azure with the identity of this machine, and says whose they are.",
        discussion: """
            The identity is the one that the AppAuthentication library finds with the same settings: \
            AzureServicesAuthConnectionString, AzureCLIPath, AZURE_AUTHORITY_HOST and those of Azure's hosts. LOG_LEVEL \
            sets what is logged to standard error; a token never is.

            Exit codes: 0 done, 1 no method or vault gave a token, 64 the command line is wrong, 74 standard output \
            cannot be written to, 75 something is missing that may be there later, such as /proc, \
            78 a setting is wrong.
            """,
        version: ProgramVersion.text(of: "azure-token"),
        subcommands: [GetCommand.self, WhoAmICommand.self, DoctorCommand.self, VaultCommand.self]
    )

    /// Runs the command that the arguments name.
    ///
    /// - Returns: The exit code; see the discussion of the command.
    static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        do {
            var command = try Self.parseAsRoot(arguments)
            if let command = command as? any SurroundedCommand {
                try await command.run(in: context)
            } else {
                try command.run()
            }
            return ExitStatus.success.rawValue
        } catch let error as AzureServiceTokenProviderError {
            context.complain("azure-token: \(TerminalText(error.description))")
            return error.exitStatus.rawValue
        } catch let error as any ProgramError {
            context.complain("azure-token: \(error)")
            return error.exitStatus.rawValue
        } catch {
            return Self.message(error).show(say: context.say, complain: context.complain)
        }
    }
}

extension AzureTokenCommand {
    /// What the argument parser has to say.
    static func message(_ error: any Error) -> ParserMessage {
        ParserMessage(
            program: "azure-token",
            text: self.fullMessage(for: error),
            code: self.exitCode(for: error).rawValue
        )
    }
}

/// A command that reaches the world through what it is given.
protocol SurroundedCommand: ParsableCommand {
    func run(in context: CommandContext) async throws
}
