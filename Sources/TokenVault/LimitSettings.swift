import ProgramSupport
import VaultCore

/// How often callers may ask, how much they may make, and of how many it is remembered who they are: without a limit, and without a
/// memory, unless a setting names a number.
struct LimitSettings: Sendable, Equatable {
    /// Requests a second.
    let principalRate: Int?
    let tokenRate: Int?
    let browserRate: Int?
    let quotas: StoreQuotas
    let verifiedTokens: Int?

    /// - Throws: ``ConfigurationError``.
    init(environment: [String: String]) throws {
        func number(_ name: String, upTo most: Int) throws -> Int? {
            guard let text = environment[name], !text.isEmpty else { return nil }
            guard let number = Int(text), (1...most).contains(number) else {
                throw ConfigurationError("\(name) is not a number from 1 to \(most).")
            }
            return number
        }
        self.principalRate = try number("TOKEN_VAULT_RATE_PRINCIPAL", upTo: 1_000_000)
        self.tokenRate = try number("TOKEN_VAULT_RATE_TOKEN", upTo: 1_000_000)
        self.browserRate = try number("TOKEN_VAULT_RATE_BROWSER", upTo: 1_000_000)
        self.verifiedTokens = try number("TOKEN_VAULT_VERIFIED_TOKENS", upTo: 1_000_000)
        self.quotas = StoreQuotas(
            services: try number("TOKEN_VAULT_MAX_SERVICES", upTo: 1_000_000),
            tokens: try number("TOKEN_VAULT_MAX_TOKENS", upTo: 100_000_000)
        )
    }
}
