import ArgumentParser
import ProgramSupport
import ServerCommand
import VaultCore
import VaultSQLite

struct StoreReturnCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow-return",
        abstract: "Say where browsers may go after a login, for all services; without addresses, print where.",
        discussion: """
            An address stands for itself and all that lies below it, on the same scheme, host and port: https, or http on \
            this machine.
            """
    )

    @Argument(help: "Addresses, for example https://app.example.com/.")
    var urls: [String] = []

    @Flag(help: "Take these addresses away in place of adding them.")
    var remove = false

    @Flag(help: "Print JSON.")
    var json = false

    func run(in context: CommandContext) async throws {
        for url in self.urls where ReturnURL(url) == nil {
            throw ConfigurationError(
                "No browser may be sent to \(url): give an https address, or http on localhost, without user and fragment."
            )
        }
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        var present = try await store.returnURLs()
        if !self.urls.isEmpty {
            present.removeAll { self.urls.contains($0) }
            if !self.remove { present += self.urls }
            try await store.setReturnURLs(present)
        }
        if self.json {
            try context.write(JSONText.text(of: ["authorizedPostRedirectUrls": present]))
        } else if present.isEmpty {
            try context.write(
                "There are none: nobody can log in, but for services and tokens with addresses of their own."
            )
        } else {
            for url in present { try context.write(url) }
        }
    }
}
