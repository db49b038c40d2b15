import ArgumentParser

struct ProviderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Look at identity providers: who issues the tokens of services.",
        discussion: "A provider is a row of data; docs/providers.md describes its columns.",
        subcommands: [ProviderListCommand.self, ProviderCheckCommand.self]
    )
}
