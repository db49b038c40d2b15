import Foundation
import HTTPTypes
import VaultAPI
import VaultCore

/// Reads what there is to say of a token besides the token itself, for callers who ask for it and may have it.
struct TokenDetailsReader: Sendable {
    let store: any VaultStore
    let providers: ProviderCatalog

    /// `Prefer: token-details` (RFC 7240), which every other vault ignores.
    static func isWanted(by headers: HTTPFields) -> Bool {
        HTTPField.Name("Prefer").map { name in
            headers[values: name].contains { value in
                value.split(separator: ",").contains { $0.trimmingCharacters(in: .whitespaces) == "token-details" }
            }
        } ?? false
    }

    /// Nil when there is no such token.
    func details(service name: String, token: String) async throws -> VaultTokenDetails? {
        guard
            let stored = try await self.store.token(service: name, name: token),
            let service = try await self.store.service(name)
        else { return nil }
        let provider = self.providers[service.configuration.provider]
        let key = TokenKey(service: name, token: token)
        let row = stored.credential == nil ? nil : try await self.store.renewal(of: key)
        return VaultTokenDetails(
            provider: provider?.displayName ?? service.configuration.provider,
            account: stored.account.map { $0.label.isEmpty ? $0.subject : $0.label },
            scopes: stored.credential?.scopes,
            loggedInOn: stored.loggedInOn,
            renewedOn: row?.obtainedOn,
            renewsOn: row.flatMap { Self.nextRenewal($0, key, provider) }
        )
    }

    private static func nextRenewal(_ row: RenewalRow, _ token: TokenKey, _ provider: Provider?) -> Date? {
        guard let provider, row.refreshDigest != nil else { return nil }
        switch row.problem {
        case .revoked, .lostRotation, .possibleTheft, .restored, .exported, .serviceChanged: return nil
        case .unauthenticated, .uncertain, .serviceBroken, .renewalPending, nil: break
        }
        return RenewalSchedule.sweepDate(
            row,
            token: token,
            cap: provider.lifetime.marginCap.map { .seconds($0) },
            idle: provider.rotation.idle.map { .seconds($0) }
        )
    }
}
