import ArgumentParser
import Foundation
import OAuthWire
import ProgramSupport
import ServerCommand
import VaultCore
import VaultSQLite

struct ServiceSetCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make a service, or change it; its client secret is read from standard input.",
        discussion: """
            Where provider, client or parameters change, tokens that were got with the old ones are no longer sent anywhere: \
            people have to log in again.
            """
    )

    @Argument(help: "Name of the service, for example dropbox.")
    var name: String

    @Option(help: "Name of its identity provider; `token-vault provider list` prints those.")
    var provider: String

    @Option(help: "The client id that the provider gave.")
    var clientID: String

    @Option(help: "A scope to ask for; may be given more than once.")
    var scope: [String] = []

    @Option(
        help: "A parameter of the provider as NAME=VALUE, for example tenant=contoso.com; may be given more than once."
    )
    var parameter: [String] = []

    @Option(help: "An address that browsers may go to after a login; may be given more than once.")
    var returnURL: [String] = []

    @Flag(help: "Keep the client secrets as they are, and read nothing.")
    var keepSecret = false

    @Flag(help: "Print JSON.")
    var json = false

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "service")
        let configuration = try self.configuration()
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        guard let provider = catalog[configuration.provider] else {
            throw ConfigurationError(
                "There is no provider \(configuration.provider): `token-vault provider list` prints those that there are."
            )
        }
        let secret = self.keepSecret ? nil : try await Self.secret(in: context)
        do throws(ProviderRowError) {
            _ = try OAuthClient(
                provider: provider,
                service: configuration,
                // Those that are kept fit the row as well as any other text.
                secrets: [Secret(secret ?? "kept")]
            )
        } catch {
            throw ConfigurationError("The service \(name) does not fit its provider: \(error)")
        }
        let settings = try StoreSettings(environment: context.environment)
        let store = try await SQLiteStore.open(at: settings.database)
        let sealer = try await store.sealer(keyEncryptionKey: settings.keyFile().read(), settings: settings)
        if self.keepSecret, let present = try await store.service(name), present.configurationHash != configuration.hash
        {
            throw ConfigurationError(
                "--keep-secret goes with the same provider, client and parameters: a secret is not sent elsewhere, so give "
                    + "it again."
            )
        }
        let change = try await store.putService(
            name,
            configuration: configuration,
            clientSecret: secret,
            sealer: sealer
        )
        guard !self.json else {
            try context.write(JSONText.text(of: Report(name: name, isNew: change.isNew, tokens: change.tokensInError)))
            return
        }
        try context.write(change.isNew ? "Made the service \(name)." : "Changed the service \(name).")
        if change.tokensInError > 0 {
            try context.write("\(change.tokensInError) of its tokens need a new login.")
        }
    }

    private struct Report: Encodable {
        let name: String
        let isNew: Bool
        /// How many tokens need a new login because of it.
        let tokens: Int
    }

    private func configuration() throws -> ServiceConfiguration {
        var parameters: [String: String] = [:]
        for text in self.parameter {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, !name.isEmpty else {
                throw ConfigurationError("--parameter \(text) is not NAME=VALUE.")
            }
            parameters[name.lowercased()] = String(parts[1])
        }
        for url in self.returnURL where ReturnURL(url) == nil {
            throw ConfigurationError("--return-url \(url) is not an https address, or http on localhost.")
        }
        return ServiceConfiguration(
            provider: self.provider.lowercased(),
            clientID: self.clientID,
            scopes: self.scope,
            parameters: parameters,
            returnURLs: self.returnURL
        )
    }

    private static func secret(in context: CommandContext) async throws -> String {
        let input = try await context.readInput(16_385)
        let text = String(decoding: input, as: UTF8.self).trimmingCharacters(in: .newlines)
        guard !text.isEmpty, input.count <= 16_384 else {
            throw ConfigurationError("Standard input holds no client secret: pipe it in, or give --keep-secret.")
        }
        return text
    }
}
