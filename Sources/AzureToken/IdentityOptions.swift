import AppAuthentication
import ArgumentParser
import ProgramSupport

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

    /// A token, and on standard error what could not be heeded.
    func token(
        of provider: AzureServiceTokenProvider,
        for resource: String,
        in context: CommandContext
    ) async throws -> AccessToken {
        if resource.hasSuffix("/.default") {
            context.complain(
                "azure-token: \(TerminalText(resource)) is a scope; the token is for the resource before /.default."
            )
        }
        do {
            let token = try await provider.accessToken(forResource: resource, tenantID: self.tenant)
            if let note = TenantNote(wanted: self.tenant, token: token, method: provider.credentialUsed) {
                context.complain(note.text)
            }
            return token
        } catch let error as AzureServiceTokenProviderError where error.exitStatus == .failure {
            context.complain(FailureReport(error, resource: resource, guide: context.guide).text)
            throw ExitCode(ExitStatus.failure.rawValue)
        }
    }

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
