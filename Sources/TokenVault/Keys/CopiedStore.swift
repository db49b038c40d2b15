import Logging
import VaultCore

/// Sees to it that a store that was put back from a copy ends no grant.
///
/// Its refresh tokens are those of another day. A provider that takes none twice would end the grants of the people, also those
/// that the store it is a copy of goes on with (RFC 9700 section 4.14.2).
struct CopiedStore: Sendable {
    let store: any AdministeredStore
    let catalog: ProviderCatalog

    /// Marks a store as the one that is served here; if it is a copy, grants that could end are set aside before.
    ///
    /// - Throws: `StoreError`, also where nobody can tell here whether it is one.
    func settle(logger: Logger) async throws {
        let (origin, count) = try await self.store.settle(rotating: self.rotatingServices()) { count in
            AuditEntry(principal: .vault, action: .setGrantsAside, outcome: .allowed, detail: "\(count) set aside")
        }
        switch origin {
        case .same, .unmarked: return
        case .undecided(let reason):
            throw StoreError(
                .unusable,
                "This machine has not served the store, and \(reason): start the vault once more on a machine that has, or, if nothing "
                    + "was restored, run `token-vault store accept-copy` here."
            )
        case .copy(let reason):
            logger.warning(
                "The store was put back from a copy, or is one: refresh tokens that may have been used since are not used. `token-vault token list` says which tokens need a login",
                metadata: ["tokens": "\(count)", "reason": "\(reason)"]
            )
        }
    }

    /// Sets the grants aside whose providers do not keep a refresh token that was used, or are not known.
    ///
    /// - Parameter entry: As `StoreIdentity.setGrantsAside(of:entry:)` takes it.
    /// - Returns: How many there were.
    /// - Throws: `StoreError`.
    func setAside(entry: (@Sendable (Int) -> AuditEntry)?) async throws -> Int {
        try await self.store.setGrantsAside(of: self.rotatingServices(), entry: entry)
    }

    /// The services whose refresh tokens may be used in one store only.
    func rotatingServices() async throws -> [String] {
        try await self.store.services().filter {
            self.catalog[$0.provider]?.refreshTokenRotation != RefreshTokenRotation.none
        }
        .map(\.name)
    }
}
