import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct TokenImportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Store an access token, read from standard input.",
        discussion: "It takes the place of the one before. One line feed at its end is not part of it."
    )

    private static let maxTokenBytes = 64 * 1024

    static let input = SecretInput(name: "access token", limit: Self.maxTokenBytes)

    @OptionGroup var key: TokenArguments

    @Option(help: "Seconds until the access token expires.")
    var expiresIn: Int?

    @Option(help: "When the access token expires, for example 2030-01-31T12:00:00Z.")
    var expiresOn: String?

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let key = try self.key.key()
        let (service, token) = (key.service, key.token)
        try self.checkExpiry()
        let (store, sealer) = try await context.openChainedStore()
        let expiresOn = try self.expiry(now: store.now())
        let accessToken = try Self.accessToken(try await context.readInput(Self.input))
        try await store.append([.command(.importToken, service: service, token: token)])
        let version = try await store.saveAccessToken(
            accessToken,
            expiresOn: expiresOn,
            service: service,
            token: token,
            sealer: sealer
        )
        guard let version else {
            throw CommandRefusal(
                "There is no service \(service): make it with `token-vault service create \(service) --provider NAME`."
            )
        }
        let until = expiresOn.map { "expires \($0.formatted(.iso8601))" } ?? "no expiry known"
        try context.report(
            ImportReport(service: service, name: token, version: version, expiresOn: expiresOn),
            self.output,
            or: ["Imported the access token of \(service)/\(token), version \(version), \(until)."]
        )
    }

    /// Finds out whether the options can be used, before anything is opened.
    private func checkExpiry() throws {
        guard self.expiresIn == nil || self.expiresOn == nil else {
            throw UsageError("Give --expires-in or --expires-on, not both.")
        }
        // Some ten years: more is a mistake in the unit.
        if let seconds = self.expiresIn, !(1...315_360_000).contains(seconds) {
            throw UsageError("--expires-in is not a number of seconds from 1 to 315360000.")
        }
        if let text = self.expiresOn, (try? Date(text, strategy: .iso8601)) == nil {
            throw UsageError("--expires-on is not a time such as 2030-01-31T12:00:00Z.")
        }
    }

    private func expiry(now: Date) throws -> Date? {
        if let seconds = self.expiresIn { return now.addingTimeInterval(TimeInterval(seconds)) }
        guard let text = self.expiresOn, let date = try? Date(text, strategy: .iso8601) else { return nil }
        guard date > now else {
            throw UsageError("--expires-on has passed: get a new access token and import that.")
        }
        return date
    }

    /// The access token in the input: printable ASCII, which is all that may stand in an `Authorization` header.
    static func accessToken(_ input: Data) throws -> String {
        var bytes = input[...]
        if bytes.last == UInt8(ascii: "\n") {
            bytes = bytes.dropLast()
        }
        if bytes.last == UInt8(ascii: "\r") {
            bytes = bytes.dropLast()
        }
        guard !bytes.isEmpty else {
            throw UsageError("Standard input is empty: pipe the access token into this command.")
        }
        guard bytes.count <= self.maxTokenBytes else {
            throw UsageError("Standard input is longer than 64 KiB: that is not an access token.")
        }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw UsageError(
                "Standard input holds a space, a line break or another character that no access token has."
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What an import made, as scripts get it.
struct ImportReport: Encodable {
    let service: String
    let name: String
    let version: Int64
    let expiresOn: Date?
}
