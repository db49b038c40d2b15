import AppAuthentication
import FastCGI
import Foundation
import ServerCommand
import TokenVaultHummingbird

/// What the program would do with its settings, for the person who set them.
///
/// It holds no secret.
struct CheckReport: Sendable {
    let text: String

    init(
        page: App.Page,
        address: ListenAddress?,
        unitAddress: ListenAddress? = nil,
        warnings: [String] = []
    ) {
        let settings = page.settings
        let rows =
            [
                ("settings", "can be used"),
                ("listens on", CheckTable.text(of: address)),
                ("identity", Self.identity(page)),
                ("resource", settings.resource),
                ("vault", settings.token.text),
                ("vault timeout", "\(settings.vaultTimeout / .seconds(1)) s"),
                ("vault calls", "at most \(settings.maxVaultCalls) at once"),
                ("pages", "at most \(settings.maxInFlight) at once"),
                ("templates", page.templateDirectory),
                (
                    "web server",
                    settings.webServerSecret == nil ? "any that may open the socket" : "has to know a secret"
                ),
                ("log in", settings.offersLogin ? "whoever sees the page" : "nobody, at this page"),
                ("sessions", Self.sessions(settings)),
                ("troubleshooting", settings.troubleshooting.page),
            ] + Self.egress(settings) + Self.units(settings, unitAddress) + warnings.map { ("warning", $0) }
        self.text = CheckTable(rows).text
    }

    private static func sessions(_ settings: Settings) -> String {
        guard settings.offersLogin else { return "none" }
        return settings.sessionKeyFile.map { "signed with the key in \($0.path)" }
            ?? "signed with a key in memory, over when the program ends"
    }

    /// A line for each rule: what may be done, and with which token.
    private static func egress(_ settings: Settings) -> [(String, String)] {
        (settings.egress?.rules ?? [:]).sorted { $0.key < $1.key }.map { name, rule in
            let methods = rule.methods.sorted().joined(separator: ", ")
            let paths = rule.paths.joined(separator: ", ")
            let listener = rule.secret == nil ? "a unix socket" : "a unix socket, or TCP with the secret"
            return ("egress \(name)", "\(methods) below \(paths) through \(listener); \(rule.tokenURL.absoluteString)")
        }
    }

    /// Where systemd asks, and a line for each credential of a unit.
    private static func units(_ settings: Settings, _ address: ListenAddress?) -> [(String, String)] {
        guard let units = settings.units else { return [] }
        let socket =
            address.map { CheckTable.text(of: $0) } ?? "nowhere yet: give --credentials-socket or a socket of systemd"
        let tokens = units.tokens.sorted { $0.key < $1.key }.flatMap { unit, credentials in
            credentials.sorted { $0.key < $1.key }.map { name, url in
                ("unit \(unit)", "credential \(name); \(url.absoluteString)")
            }
        }
        return [("units ask on", socket)] + tokens
    }

    private static func identity(_ page: App.Page) -> String {
        page.provider.credentialNames.joined(separator: ", then ")
    }
}
