package import Foundation

/// A store as programs have it: with what an administrator does, beside what a vault does.
package protocol AdministeredStore: VaultStore, WebhookStore, AuditKeeping, GrantMoving, StoreIdentity {
    var now: @Sendable () -> Date { get }
    /// How much may be made through this value of the store.
    var quotas: StoreQuotas { get set }
    /// Whether messages about tokens are kept for somebody.
    var sendsWebhooks: Bool { get set }

    /// Counts what there is; a token that a reader would get counts as `Ok`.
    func counts(at date: Date) async throws -> StoreCounts
    func leftovers() async throws -> RenewalLeftovers
}
