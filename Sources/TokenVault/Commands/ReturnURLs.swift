import ArgumentParser
import ProgramSupport
import VaultCore

/// Addresses that browsers may go to after a login, as three commands take them: for the store, a service and a token.
struct ReturnURLs: ParsableArguments {
    /// What each of those commands says of itself.
    static let discussion = """
        An address stands for itself and all that lies below it, on the same scheme, host and port: https, or http on \
        this machine.
        """

    @Argument(help: "Addresses, for example https://app.example.com/; none to print those that there are.")
    var urls: [String] = []

    @Flag(help: "Take these addresses away in place of adding them.")
    var remove = false

    @OptionGroup var output: OutputOptions

    /// - Throws: ``UsageError``.
    static func check(_ url: String, option: String = "") throws {
        guard ReturnURL(url) != nil else {
            throw UsageError(
                "No browser may be sent to \(option)\(url): give an https address, or http on localhost, without user and fragment."
            )
        }
    }

    /// - Throws: ``UsageError``.
    func check() throws {
        for url in self.urls where !self.remove { try Self.check(url) }
        guard !self.remove || !self.urls.isEmpty else { throw UsageError("--remove needs the addresses to take away.") }
    }

    /// Those that are there afterwards; nil when nothing changes.
    ///
    /// - Throws: ``CommandRefusal``.
    func changed(_ present: [String]) throws -> [String]? {
        guard !self.urls.isEmpty else { return nil }
        if self.remove, let missing = self.urls.first(where: { !present.contains($0) }) {
            throw CommandRefusal("\(missing) is not among the addresses, so nothing was taken away.")
        }
        var urls = present.filter { !self.urls.contains($0) }
        if !self.remove {
            for url in self.urls where !urls.contains(url) { urls.append(url) }
        }
        return urls
    }

    /// What the audit says of it; addresses are no secret.
    var change: String {
        "return addresses, \(self.remove ? "taken away" : "added"): \(self.urls.joined(separator: " "))"
    }

    func report(_ urls: [String], none: String, in context: CommandContext) throws {
        try context.report(["authorizedPostRedirectUrls": urls], self.output, or: urls.isEmpty ? [none] : urls)
    }
}
