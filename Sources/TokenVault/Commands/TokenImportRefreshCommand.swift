import ArgumentParser
import Foundation
import OAuthWire
import ProgramSupport
import TokenTransport
import VaultCore

struct TokenImportRefreshCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-refresh",
        abstract: "Get a token with a refresh token, read from standard input, and keep both.",
        discussion: "Where the provider rotates refresh tokens, the one that was read is of no use afterwards."
    )

    @OptionGroup var key: TokenArguments

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let access = try ProviderAccess(environment: context.environment)
        try await self.run(in: context, transport: access.transport())
    }

    func run(in context: CommandContext, transport: any HTTPTransport) async throws {
        let key = try self.key.key()
        let (name, token) = (key.service, key.token)
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let (store, sealer) = try await context.openChainedStore()
        guard let service = try await store.service(name) else {
            throw CommandRefusal("There is no service \(name): make it with `token-vault service set`.")
        }
        let refreshToken = try await Self.refreshToken(in: context)
        try await store.append([.command(.importToken, service: name, token: token)])
        // The provider may take the old one away with its answer, so it is asked only when the new one can be kept.
        try await store.checkWritable()
        let clients = OAuthClientSource(services: store, sealer: sealer, catalog: catalog, transport: transport)
        do {
            let client = try await clients.client(for: service)
            let credential = try await RefreshTokenImport(client: client, transport: transport)
                .credential(from: refreshToken, configurationHash: service.configurationHash)
            guard
                let version = try await store.saveCredential(credential, service: name, token: token, sealer: sealer)
            else {
                throw CommandRefusal("The service \(name) was deleted meanwhile, so the token was not kept.")
            }
            let until = credential.expiresOn.map { "expires \($0.formatted(.iso8601))" } ?? "no expiry known"
            try context.report(
                ImportReport(service: name, name: token, version: version, expiresOn: credential.expiresOn),
                self.output,
                or: ["Got a token for \(name)/\(token), \(until)."]
            )
        } catch let error as ProviderRowError {
            throw CommandRefusal("The service \(name) does not fit its provider: \(error)")
        } catch let failure as LoginFailure {
            throw CommandRefusal("The provider gave no token: \(failure.code) \(failure.text)")
        }
    }

    private static func refreshToken(in context: CommandContext) async throws -> Secret {
        let input = try await context.readInput(SecretInput(name: "refresh token", limit: 65_536))
        let text = String(decoding: input, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard input.count <= 65_536, !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw UsageError("Standard input holds no refresh token: pipe one into this command.")
        }
        return Secret(text)
    }
}
