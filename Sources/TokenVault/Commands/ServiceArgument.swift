import ArgumentParser
import VaultCore

/// A service, as the commands take it.
struct ServiceArgument: ParsableArguments {
    @Argument(help: "Name of the service.")
    var service: String

    /// - Throws: ``UsageError``.
    func name() throws -> String { try Names.checked(self.service, of: "service") }
}

/// A token, as the commands take it.
struct TokenArguments: ParsableArguments {
    @OptionGroup var service: ServiceArgument

    @Argument(help: "Name of the token.")
    var token: String

    /// - Throws: ``UsageError``.
    func key() throws -> TokenKey {
        TokenKey(service: try self.service.name(), token: try Names.checked(self.token, of: "token"))
    }
}
