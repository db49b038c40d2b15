import AppAuthentication
import ArgumentParser

/// Whose token it is to be.
struct IdentityOptions: ParsableArguments {
    @Option(help: "The tenant that the token is wanted from.")
    var tenant: String?

    @Option(
        help: ArgumentHelp(
            "A file with a connection string, in the place of AzureServicesAuthConnectionString.",
            discussion: "It may hold a secret, so it is no argument: every user of a machine can see those.",
            valueName: "path"
        )
    )
    var connectionStringFile: String?

    @Option(name: .shortAndLong, help: "How to print the answer: text or json.")
    var output = OutputFormat.text

    func makeProvider(in context: CommandContext) throws -> AzureServiceTokenProvider {
        try context.makeProvider(
            connectionString: try self.connectionStringFile.map { path in
                try ConnectionStringFile.read(
                    path: path,
                    credentialsDirectory: context.environment["CREDENTIALS_DIRECTORY"]
                )
            }
        )
    }
}

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}
