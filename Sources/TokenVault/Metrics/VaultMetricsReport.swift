import Foundation
import ProgramMetrics
import VaultCore

/// Everything that there is to say of a vault in figures: what it counted, and what its store holds at the moment.
struct VaultMetricsReport: Sendable {
    let metrics: VaultMetrics
    let renewal: TokenRenewal
    let audit: AuditLog
    let store: any AdministeredStore
    let now: @Sendable () -> Date

    func families() async -> [MetricFamily] {
        let counts = try? await self.store.counts(at: self.now())
        return self.metrics.families + self.renewal.families + [
            MetricFamily(
                gauge: "token_vault_audit_lag_entries",
                help: "Entries of the audit that are not on the disk.",
                value: Double(self.audit.lag)
            ),
            MetricFamily(
                gauge: "token_vault_store_up",
                help: "1 when the store can be read.",
                value: counts == nil ? 0 : 1
            ),
        ] + (counts.map(self.families) ?? [])
    }

    private func families(of counts: StoreCounts) -> [MetricFamily] {
        var totals: [StoreCounts.Tokens: Int] = [:]
        let services = Set(Set(counts.tokens.map(\.service)).sorted().prefix(MetricCounter.maxLabelSets))
        for tokens in counts.tokens {
            let service = services.contains(tokens.service) ? tokens.service : "other"
            totals[StoreCounts.Tokens(service: service, state: tokens.state, count: 0), default: 0] += tokens.count
        }
        let samples = totals.sorted { ($0.key.service, $0.key.state) < ($1.key.service, $1.key.state) }
            .map { tokens, count in
                MetricFamily.Sample(
                    Double(count),
                    labels: [MetricLabel("service", tokens.service), MetricLabel("state", tokens.state)]
                )
            }
        return [
            MetricFamily(
                "token_vault_tokens",
                help: "Tokens by service and state: Ok, or why not.",
                kind: .gauge,
                samples: samples
            ),
            MetricFamily(
                gauge: "token_vault_pending_logins",
                help: "Logins that were begun and have not come back.",
                value: Double(counts.pendingLogins)
            ),
            MetricFamily(
                gauge: "token_vault_data_key_created_timestamp_seconds",
                help: "When the key was made that seals new values, in seconds since 1970.",
                value: Double(counts.keyCreatedAt)
            ),
        ]
    }
}
