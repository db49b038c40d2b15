import AsyncHTTPTransport
import ProgramSupport
import TokenTransport

/// Which servers of identity providers may be asked: what they have to show, and where they may be.
struct ProviderAccess: Sendable {
    /// Authorities besides those of the machine that a server's certificate may come from.
    let trusted: TrustedCertificates
    private let allowed: [AddressRange]

    /// Reads the files that `TOKEN_VAULT_CA_FILE` and `TOKEN_VAULT_ALLOWED_ADDRESSES` name, and the ``LocalProvider``.
    ///
    /// - Throws: ``ConfigurationError``.
    init(environment: [String: String]) throws {
        self.trusted = try Self.trusted(in: environment)
        let local = try LocalProvider(environment: environment).map { [$0.address] } ?? []
        self.allowed = try Self.allowed(in: environment) + local
    }

    /// Reaches the public internet, and what the operator allows besides.
    func transport() -> any HTTPTransport {
        AsyncHTTPTransport(policy: .publicOnly(allowing: self.allowed), trusting: self.trusted)
    }

    private static func trusted(in environment: [String: String]) throws -> TrustedCertificates {
        guard let path = environment["TOKEN_VAULT_CA_FILE"], !path.isEmpty else { return .ofMachine }
        do {
            return try TrustedCertificates(pemFile: path)
        } catch let failure as TrustedCertificates.Failure {
            throw ConfigurationError("TOKEN_VAULT_CA_FILE cannot be used: \(failure.description)")
        }
    }

    private static func allowed(in environment: [String: String]) throws -> [AddressRange] {
        guard let path = environment["TOKEN_VAULT_ALLOWED_ADDRESSES"], !path.isEmpty else { return [] }
        do {
            return try AddressAllowanceFile(path: path).ranges()
        } catch {
            throw ConfigurationError("TOKEN_VAULT_ALLOWED_ADDRESSES cannot be used: \(error)")
        }
    }
}
