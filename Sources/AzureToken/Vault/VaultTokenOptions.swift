import AppAuthentication
import ArgumentParser
import Foundation
import ProgramSupport
import TokenTransport
import TokenVaultClient

/// Which token of which vault, and whose identity asks for it.
struct VaultTokenOptions: ParsableArguments {
    /// For the identity there is the time that its methods take; this is for the vault's own answer.
    private static let timeout: Duration = .seconds(15)

    @Argument(
        help: "The full URL of the token, such as https://vault.example.com/services/dropbox/tokens/sampleToken."
    )
    var tokenURL: String

    @Option(
        help: """
            What the vault wants the access token to be for, such as api://APP-ID; without it TOKEN_VAULT_RESOURCE of the \
            environment, else https://tokenvault.azure.net.
            """
    )
    var resource: String?

    @OptionGroup var identity: IdentityOptions

    /// A token that the vault hands out now.
    ///
    /// - Throws: ``UsageError`` for a URL that cannot be asked, `ExitCode` after what went wrong was printed, and what the
    ///   settings of the identity make the provider throw.
    func token(in context: CommandContext) async throws -> VaultToken {
        let client = try self.client(in: context)
        let provider = try self.identity.makeProvider(in: context)
        let bearer = try await self.identity.token(of: provider, for: self.resource(in: context), in: context)
        do {
            return try await client.token(bearer: bearer.token)
        } catch let error as VaultError {
            context.complain("azure-token: \(TerminalText(error.description))")
            throw ExitCode(ExitStatus.failure.rawValue)
        }
    }

    private func resource(in context: CommandContext) -> String {
        let environment = context.environment["TOKEN_VAULT_RESOURCE"].flatMap { $0.isEmpty ? nil : $0 }
        return self.resource ?? environment ?? "https://tokenvault.azure.net"
    }

    private func client(in context: CommandContext) throws -> VaultClient {
        guard let url = URL(string: self.tokenURL) else {
            throw UsageError("The argument is not the URL of a token.")
        }
        guard BearerPolicy.allows(url) else {
            throw UsageError(
                "The URL of the token has to begin with https://, or to be on a loopback address, since an access token goes "
                    + "there."
            )
        }
        do {
            return try VaultClient(tokenURL: url, transport: context.transport, timeout: Self.timeout)
        } catch let error as VaultURLError {
            throw UsageError(error.description)
        }
    }
}
