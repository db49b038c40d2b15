import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore
import VaultSQLite

struct TokenImportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Store an access token, read from standard input.",
        discussion: "It takes the place of the one before. One line feed at its end is not part of it."
    )

    static let maxTokenBytes = 64 * 1024

    @Argument(help: "Name of the service.")
    var service: String

    @Argument(help: "Name of the token.")
    var token: String

    @Option(help: "Seconds until the access token expires.")
    var expiresIn: Int?

    @Option(help: "When the access token expires, for example 2030-01-31T12:00:00Z.")
    var expiresOn: String?

    func run(in context: CommandContext) async throws {
        let service = try Names.checked(self.service, of: "service")
        let token = try Names.checked(self.token, of: "token")
        let settings = try StoreSettings(environment: context.environment)
        let keyEncryptionKey = try settings.keyFile().read()
        let store = try await SQLiteStore.open(at: settings.database)
        let expiresOn = try self.expiry(now: store.now())
        let sealer = try await store.sealer(keyEncryptionKey: keyEncryptionKey, settings: settings)
        let accessToken = try Self.accessToken(try await context.readInput(Self.maxTokenBytes + 1))
        let version = try await store.saveAccessToken(
            accessToken,
            expiresOn: expiresOn,
            service: service,
            token: token,
            sealer: sealer
        )
        guard let version else {
            throw ConfigurationError(
                "There is no service \(service): make it with `token-vault service create \(service) --provider NAME`."
            )
        }
        let until = expiresOn.map { "expires \($0.formatted(.iso8601))" } ?? "no expiry known"
        try context.write("Imported the access token of \(service)/\(token), version \(version), \(until).")
    }

    private func expiry(now: Date) throws -> Date? {
        switch (self.expiresIn, self.expiresOn) {
        case (nil, nil):
            return nil
        case (let seconds?, nil):
            // Some ten years: more is a mistake in the unit.
            guard (1...315_360_000).contains(seconds) else {
                throw ConfigurationError("--expires-in is not a number of seconds from 1 to 315360000.")
            }
            return now.addingTimeInterval(TimeInterval(seconds))
        case (nil, let text?):
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ConfigurationError("--expires-on is not a time such as 2030-01-31T12:00:00Z.")
            }
            guard date > now else {
                throw ConfigurationError("--expires-on has passed: get a new access token and import that.")
            }
            return date
        default:
            throw ConfigurationError("Give --expires-in or --expires-on, not both.")
        }
    }

    /// The access token in the input: printable ASCII, which is all that may stand in an `Authorization` header.
    private static func accessToken(_ input: Data) throws -> String {
        var bytes = input[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes = bytes.dropLast()
        }
        if bytes.last == UInt8(ascii: "\r") {
            bytes = bytes.dropLast()
        }
        guard !bytes.isEmpty else {
            throw ConfigurationError("Standard input is empty: pipe the access token into this command.")
        }
        guard bytes.count <= self.maxTokenBytes else {
            throw ConfigurationError("Standard input is longer than 64 KiB: that is not an access token.")
        }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ConfigurationError(
                "Standard input holds a space, a line break or another character that no access token has."
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
