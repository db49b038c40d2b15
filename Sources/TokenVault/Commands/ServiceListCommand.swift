import ArgumentParser
import Foundation
import VaultCore

struct ServiceListCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the services, with their providers and how many tokens and client secrets they have."
    )

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let store = try await context.openStore()
        let counts = Dictionary(grouping: try await store.tokens(), by: \.service).mapValues(\.count)
        var reports: [ServiceReport] = []
        for service in try await store.services() {
            let secrets = try await store.clientSecrets(of: service.name).count
            reports.append(ServiceReport(service, tokens: counts[service.name] ?? 0, clientSecrets: secrets))
        }
        let table = TextTable(
            ["SERVICE", "PROVIDER", "TOKENS", "SECRETS", "CLIENT ID"],
            reports.map { [$0.name, $0.provider, "\($0.tokens)", "\($0.clientSecrets)", $0.clientId] }
        )
        let none = "There are no services; `token-vault service set` makes one."
        try context.report(reports, self.output, or: reports.isEmpty ? [none] : table.lines)
    }
}

/// A service, as scripts get it.
private struct ServiceReport: Encodable {
    let name: String
    let displayName: String
    let provider: String
    let clientId: String
    let scopes: [String]
    /// Their names alone: templates may have secrets in them.
    let parameters: [String]
    let authorizedPostRedirectUrls: [String]
    let clientSecrets: Int
    let tokens: Int
    let createdOn: Date
    let changedOn: Date

    init(_ service: StoredService, tokens: Int, clientSecrets: Int) {
        let configuration = service.configuration
        self.name = service.name
        self.displayName = configuration.displayName
        self.provider = configuration.provider
        self.clientId = configuration.clientID
        self.scopes = configuration.scopes
        self.parameters = configuration.parameters.keys.sorted()
        self.authorizedPostRedirectUrls = configuration.returnURLs
        self.clientSecrets = clientSecrets
        self.tokens = tokens
        self.createdOn = service.createdOn
        self.changedOn = service.changedOn
    }
}
