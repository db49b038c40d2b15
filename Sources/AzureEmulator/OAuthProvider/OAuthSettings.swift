import Foundation
import ProgramSupport
import ServerCommand

/// What the local OAuth provider is told through the environment of the emulator.
struct OAuthSettings: Sendable {
    static let clientID = "local-client"

    /// What happens to refresh tokens: `AZURE_EMULATOR_OAUTH_ROTATION`.
    let rotation: RotationKind
    /// Seconds that an access token is valid: `AZURE_EMULATOR_OAUTH_LIFETIME`; short, so that one sees it renewed.
    let lifetime: Int
    /// Where people may be sent back to, exactly: `AZURE_EMULATOR_OAUTH_REDIRECT_URIS`; nil for any loopback address.
    private let redirectURIs: Set<String>?

    init(environment: [String: String]) throws {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        func seconds(_ name: String, _ unset: Int) throws -> Int {
            guard let text = value(name) else { return unset }
            guard let seconds = Int(text), (1...2_592_000).contains(seconds) else {
                throw ConfigurationError("\(name) is not a number of seconds between 1 and 2592000.")
            }
            return seconds
        }
        let grace = try seconds("AZURE_EMULATOR_OAUTH_GRACE", 30)
        guard
            let rotation = RotationKind(
                name: value("AZURE_EMULATOR_OAUTH_ROTATION") ?? "strict",
                graceSeconds: grace
            )
        else {
            throw ConfigurationError(
                "AZURE_EMULATOR_OAUTH_ROTATION is neither none, grace, previous-until-used nor strict."
            )
        }
        self.rotation = rotation
        self.lifetime = try seconds("AZURE_EMULATOR_OAUTH_LIFETIME", 60)
        self.redirectURIs = value("AZURE_EMULATOR_OAUTH_REDIRECT_URIS").map { text in
            Set(text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
    }

    func allows(redirectURI: String) -> Bool {
        if let redirectURIs {
            return redirectURIs.contains(redirectURI)
        }
        guard
            let url = URLComponents(string: redirectURI), ["http", "https"].contains(url.scheme),
            let host = url.host, url.user == nil, url.password == nil, url.fragment == nil
        else {
            return false
        }
        return host == "localhost" || LoopbackOnly.isLoopback(host.trimmingCharacters(in: ["[", "]"]))
    }
}
