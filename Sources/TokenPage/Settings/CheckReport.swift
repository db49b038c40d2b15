import AppAuthentication
import FastCGI
import Foundation
import ServerCommand

/// What the program would do with its settings, for the person who set them.
///
/// It holds no secret.
struct CheckReport: Sendable {
    let text: String

    init(page: App.Page, address: ListenAddress?, warnings: [String] = []) {
        let settings = page.settings
        let rows =
            [
                ("settings", "can be used"),
                ("listens on", CheckTable.text(of: address)),
                ("identity", Self.identity(page)),
                ("resource", settings.resource),
                ("vault", settings.tokenURL.absoluteString),
                ("vault timeout", "\(settings.vaultTimeout / .seconds(1)) s"),
                ("vault calls", "at most \(settings.maxVaultCalls) at once"),
                ("pages", "at most \(settings.maxInFlight) at once"),
                ("templates", page.templateDirectory),
                (
                    "web server",
                    settings.webServerSecret == nil ? "any that may open the socket" : "has to know a secret"
                ),
                ("troubleshooting", settings.troubleshooting.page),
            ] + warnings.map { ("warning", $0) }
        self.text = CheckTable(rows).text
    }

    private static func identity(_ page: App.Page) -> String {
        page.provider.credentialNames.joined(separator: ", then ")
    }
}
