import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Look after tokens.",
        subcommands: [
            TokenCreateCommand.self, TokenImportCommand.self, TokenImportRefreshCommand.self, TokenListCommand.self,
            TokenShowCommand.self, TokenReturnCommand.self, TokenDeleteCommand.self,
        ]
    )
}
