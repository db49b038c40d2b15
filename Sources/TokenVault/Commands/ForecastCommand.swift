import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct ForecastCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract:
            "Print a calendar of what will need a person: logins that end, tokens that nothing renews, old secrets.",
        discussion: """
            It goes by what the providers said and what their rows know. Nobody tells the vault when a client secret expires, or \
            how old a key may become: with --secret-days and --key-days it says when they are that old.
            """
    )

    @Option(help: "Days ahead.")
    var within = 90

    @Option(help: "Days after which a client secret is to be replaced.")
    var secretDays: Int?

    @Option(help: "Days after which the data key is to be replaced.")
    var keyDays: Int?

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        for (name, value) in [("within", self.within), ("secret-days", self.secretDays), ("key-days", self.keyDays)] {
            guard value.map({ (1...36_500).contains($0) }) ?? true else {
                throw UsageError("--\(name) is not a number of days from 1 to 36500.")
            }
        }
        let store = try await context.openStore()
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let reader = ForecastReader(store: store, catalog: catalog, secretDays: self.secretDays, keyDays: self.keyDays)
        let end = store.now().addingTimeInterval(TimeInterval(self.within) * 86_400)
        let events = try await reader.events().filter { $0.date <= end }
        let table = TextTable(
            ["WHEN", "WHAT", "WHY", "DO"],
            events.map { [$0.date.formatted(.iso8601), Self.subject($0), Self.reason($0), $0.remedy] }
        )
        let none = "Nothing needs a person within \(self.within) days, as far as anybody can tell."
        try context.report(events.map(Report.init), self.output, or: events.isEmpty ? [none] : table.lines)
    }

    private static func subject(_ event: ForecastEvent) -> String {
        if event.service.isEmpty { return "the store" }
        return event.token.isEmpty ? "service \(event.service)" : "\(event.service)/\(event.token)"
    }

    private static func reason(_ event: ForecastEvent) -> String {
        switch event.kind {
        case .login: "it is in an error"
        case .accessTokenExpires: "the access token expires, and has no refresh token"
        case .refreshTokenExpires: "the refresh token expires"
        case .hardLimit: "the provider ends the access so long after a login"
        case .idleLimit: "the refresh token dies unused, if the vault does not run until then"
        case .clientSecretAge: "the client secret is old"
        case .dataKeyAge: "the data key is old"
        }
    }

    private struct Report: Encodable {
        let on: Date
        let kind: String
        let service: String?
        let token: String?
        let remedy: String

        init(_ event: ForecastEvent) {
            self.on = event.date
            self.kind = event.kind.rawValue
            self.service = event.service.isEmpty ? nil : event.service
            self.token = event.token.isEmpty ? nil : event.token
            self.remedy = event.remedy
        }
    }
}
