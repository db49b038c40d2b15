import ArgumentParser
import Foundation
import ProgramSupport
import ServerCommand

/// Prints what a program needs to be the client of the local OAuth provider.
struct OAuthClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oauth-client",
        abstract: "Print the issuer and the client id of the OAuth provider, or with --secret its client secret alone."
    )

    @Flag(help: "Print the client secret, for a pipe into another program.")
    var secret = false

    func run() async throws {
        let settings = try Settings(environment: ProcessInfo.processInfo.environment)
        guard self.secret else {
            try StandardOutput.write("issuer=\(settings.baseURL)/oauth client_id=\(OAuthSettings.clientID)\n")
            return
        }
        try StandardOutput.write(Emulator(settings: settings).oauthClientSecret.value + "\n")
    }
}
