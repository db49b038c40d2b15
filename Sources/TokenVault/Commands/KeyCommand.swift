import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Look after the keys: the data keys, which seal what is stored, and the key that wraps them.",
        subcommands: [KeyListCommand.self, KeyRotateCommand.self, KeyRewrapCommand.self]
    )
}
