import ArgumentParser

struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Look after services: the third-party APIs that tokens are for.",
        subcommands: [
            ServiceCreateCommand.self, ServiceSetCommand.self, ServiceSecretCommand.self, ServiceReturnCommand.self,
            ServiceListCommand.self, ServiceDeleteCommand.self,
        ]
    )
}
