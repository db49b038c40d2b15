import AppAuthentication
package import FastCGI
import Foundation

/// What the program would do with its settings, for the person who set them.
///
/// It holds no secret.
package struct CheckReport: Sendable {
    package let text: String

    package init(page: App.Page, address: ListenAddress?) {
        let settings = page.settings
        let lines = [
            ("settings", "can be used"),
            ("listens on", Self.text(address)),
            ("identity", Self.identity(page)),
            ("resource", settings.resource),
            ("vault", settings.tokenURL.absoluteString),
            ("vault timeout", "\(settings.vaultTimeout / .seconds(1)) s"),
            ("vault calls", "at most \(settings.maxVaultCalls) at once"),
            ("pages", "at most \(settings.maxInFlight) at once"),
            ("templates", page.templateDirectory),
            ("troubleshooting", settings.troubleshooting.page),
        ]
        self.text = lines.map { name, value in
            name + ":" + String(repeating: " ", count: max(1, 17 - name.count)) + value
        }.joined(separator: "\n")
    }

    private static func identity(_ page: App.Page) -> String {
        page.provider.credentialNames.joined(separator: ", then ")
    }

    private static func text(_ address: ListenAddress?) -> String {
        switch address {
        case nil: "nothing yet: give --socket, --tcp or an inherited socket"
        case .unixSocket(let path, let mode, let group):
            "unix socket \(path), mode \(String(mode, radix: 8))" + (group.map { ", group \($0)" } ?? "")
        case .tcp(let host, let port): "\(host):\(port)"
        case .inherited(let descriptor): "an inherited socket, descriptor \(descriptor)"
        }
    }
}
