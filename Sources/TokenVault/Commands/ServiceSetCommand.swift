import ArgumentParser
import OAuthWire
import ProgramSupport
import VaultCore

struct ServiceSetCommand: VaultCommand {
    /// What `--clear` takes away.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case displayName = "display-name"
        case scopes
        case parameters
        case returnURLs = "return-urls"
    }

    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make a service, or change it: what is not named stays as it is.",
        discussion: """
            The client secret is read from standard input where the service is new, or --provider, --client-id or \
            --parameter is given; --keep-secret reads nothing. Scopes and return URLs take the place of those before. \
            Where provider, client or parameters change, tokens that were got with the old ones are no longer sent \
            anywhere: people have to log in again.
            """
    )

    @Argument(help: "Name of the service, for example dropbox.")
    var name: String

    @Option(help: "Name of its identity provider; `token-vault provider list` prints those.")
    var provider: String?

    @Option(help: "The client id that the provider gave.")
    var clientID: String?

    @Option(help: "What people see in its place.")
    var displayName: String?

    @Option(help: "A scope to ask for; may be given more than once.")
    var scope: [String] = []

    @Option(
        help: "A parameter of the provider as NAME=VALUE, for example tenant=contoso.com; may be given more than once."
    )
    var parameter: [String] = []

    @Option(help: "An address that browsers may go to after a login; may be given more than once.")
    var returnURL: [String] = []

    @Option(help: "Take this away first: display-name, scopes, parameters or return-urls; may be given more than once.")
    var clear: [Part] = []

    @Flag(help: "Keep the client secrets as they are, and read nothing.")
    var keepSecret = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let name = try Names.checked(self.name, of: "service")
        let parameters = try self.parameters()
        for url in self.returnURL { try ReturnURLs.check(url, option: "--return-url ") }
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let (store, sealer) = try await context.openChainedStore()
        let present = try await store.service(name)
        let configuration = try self.configuration(present?.configuration, parameters: parameters)
        guard let provider = catalog[configuration.provider] else {
            throw UsageError(
                "There is no provider \(configuration.provider): `token-vault provider list` prints those that there are."
            )
        }
        let isSame = present?.configurationHash == configuration.hash
        guard !self.keepSecret || isSame || present == nil else {
            throw UsageError(
                "--keep-secret goes with the same provider, client and parameters: a secret is not sent elsewhere, so give "
                    + "it again."
            )
        }
        let secret =
            self.keepSecret || (isSame && !self.namesTheClient) ? nil : try await ClientSecretInput.read(context)
        if !isSame || secret != nil {
            do throws(ProviderRowError) {
                // Those that are kept fit the row as well as any other text.
                _ = try OAuthClient(provider: provider, service: configuration, secrets: [Secret(secret ?? "kept")])
            } catch {
                throw UsageError("The service \(name) does not fit its provider: \(error)")
            }
        }
        let parts = isSame ? "" : "provider, client or parameters"
        let secrets = secret == nil ? "" : "client secret"
        try await store.append([
            .command(
                .putService,
                service: name,
                detail: [parts, secrets].filter { !$0.isEmpty }.joined(separator: "; ")
            )
        ])
        let change = try await store.putService(
            name,
            configuration: configuration,
            clientSecret: secret,
            sealer: sealer
        )
        var lines = [change.isNew ? "Made the service \(name)." : "Changed the service \(name)."]
        if change.tokensInError > 0 { lines.append("\(change.tokensInError) of its tokens need a new login.") }
        try context.report(
            Report(name: name, isNew: change.isNew, tokensInError: change.tokensInError),
            self.output,
            or: lines
        )
    }

    private struct Report: Encodable {
        let name: String
        let isNew: Bool
        /// How many tokens need a new login because of it.
        let tokensInError: Int
    }

    private var namesTheClient: Bool { self.provider != nil || self.clientID != nil || !self.parameter.isEmpty }

    /// What was there, with what the command line names in its place.
    private func configuration(
        _ present: ServiceConfiguration?,
        parameters: [String: String]
    ) throws -> ServiceConfiguration {
        guard let provider = self.provider?.lowercased() ?? present?.provider else {
            throw UsageError("There is no service \(self.name) yet: give --provider and --client-id to make it.")
        }
        // Nothing of another provider's client holds for this one.
        let base = present.flatMap { $0.provider == provider ? $0 : nil }
        let clientID = self.clientID ?? base?.clientID ?? ""
        guard !clientID.isEmpty else {
            throw UsageError("--client-id is missing: give the client id that the provider \(provider) gave.")
        }
        func kept<Value>(_ value: Value?, _ part: Part) -> Value? { self.clear.contains(part) ? nil : value }
        let held = kept(base?.parameters, .parameters) ?? [:]
        return ServiceConfiguration(
            provider: provider,
            displayName: self.displayName ?? kept(present?.displayName, .displayName) ?? "",
            clientID: clientID,
            scopes: self.scope.isEmpty ? kept(base?.scopes, .scopes) ?? [] : self.scope,
            parameters: held.merging(parameters) { $1 },
            tokenParameters: present?.tokenParameters ?? "{}",
            returnURLs: self.returnURL.isEmpty ? kept(present?.returnURLs, .returnURLs) ?? [] : self.returnURL
        )
    }

    private func parameters() throws -> [String: String] {
        var parameters: [String: String] = [:]
        for text in self.parameter {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first, !name.isEmpty else {
                throw UsageError("--parameter \(text) is not NAME=VALUE.")
            }
            guard name.lowercased() != "clientsecret" else {
                throw UsageError("A client secret is read from standard input, and never from the command line.")
            }
            parameters[name.lowercased()] = String(parts[1])
        }
        return parameters
    }
}
