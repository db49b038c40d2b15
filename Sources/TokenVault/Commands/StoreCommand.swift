import ArgumentParser

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look after the store.",
        subcommands: [
            StoreCreateCommand.self, StoreReturnCommand.self, StoreCopyCommand.self, StoreAcceptCopyCommand.self,
        ]
    )
}
