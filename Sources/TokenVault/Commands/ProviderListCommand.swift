import ArgumentParser
import VaultCore

struct ProviderListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the identity providers, and what a service of each has to give.",
        discussion: "Those of the directory in TOKEN_VAULT_PROVIDERS are among them."
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let lines = catalog.names.compactMap { name in catalog[name].map(ProviderLine.init) }
        let table = TextTable(
            ["PROVIDER", "NAME", "PARAMETERS"],
            lines.map { [$0.name, $0.displayName, $0.parameters.joined(separator: " ")] }
        )
        try context.report(lines, self.output, or: table.lines)
    }
}

/// What an administrator wants to know of a provider before making a service.
private struct ProviderLine: Encodable {
    let name: String
    let displayName: String
    /// The parameters of a service beside client id, secret and scopes; those with a default end with a question mark.
    let parameters: [String]
    let scopes: [String]
    let pkce: Bool
    let renewWith: String

    init(_ provider: Provider) {
        self.name = provider.name
        self.displayName = provider.displayName
        self.parameters =
            provider.usesTemplates
            ? ["templates"]
            : provider.placeholders.sorted { $0.key < $1.key }.map { name, placeholder in
                placeholder.defaultValue == nil ? name : "\(name)?"
            }
        self.scopes = provider.scope.defaults + provider.scope.required
        self.pkce = provider.usesPKCE
        self.renewWith = provider.renewal.rawValue
    }
}
