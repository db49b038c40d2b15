package import ProgramMetrics

/// What a vault counts while it works; names of tokens are in none of it.
package struct VaultMetrics: Sendable {
    package let requests = MetricCounter(
        "token_vault_requests_total",
        help: "Requests, by the route that answered and the status.",
        labels: ["route", "status"]
    )
    package let requestTime = MetricHistogram(
        "token_vault_request_seconds",
        help: "How long requests took, by the route that answered.",
        label: "route"
    )
    package let inFlight = MetricGauge(
        "token_vault_requests_in_flight",
        help: "Requests that are being answered."
    )
    package let reads = MetricCounter(
        "token_vault_reads_total",
        help: "Reads of tokens by callers who are known, by what came of them.",
        labels: ["outcome"],
        known: ["given", "forbidden", "notFound", "unauthenticated", "damaged", "throttled", "notRecorded"].map { [$0] }
    )
    package let throttled = MetricCounter(
        "token_vault_throttled_total",
        help: "Requests that came too fast, by the limit that they met.",
        labels: ["limit"],
        known: [["principal"], ["token"], ["browser"]]
    )
    package let refreshes = MetricCounter(
        "token_vault_refreshes_total",
        help: "Requests for new tokens, by service and by what came of them.",
        labels: ["service", "outcome"]
    )
    package let refreshTime = MetricHistogram(
        "token_vault_refresh_seconds",
        help: "How long providers took to answer a request for new tokens."
    )
    package let coalesced = MetricCounter(
        "token_vault_refreshes_coalesced_total",
        help: "Readers who waited for a renewal that was under way, and made none of their own."
    )
    package let leaseWaits = MetricCounter(
        "token_vault_lease_waits_total",
        help: "Looks at a token that another process was renewing."
    )
    package let auditTime = MetricHistogram(
        "token_vault_audit_write_seconds",
        help: "How long transactions of the audit took, each with the entries of all who came together."
    )
    package let auditEntries = MetricCounter(
        "token_vault_audit_entries_total",
        help: "Entries that were written into the audit for callers."
    )

    package init() {}

    /// All of them, as they are now.
    package var families: [MetricFamily] {
        [
            self.requests.family, self.requestTime.family, self.inFlight.family, self.reads.family,
            self.throttled.family,
            self.refreshes.family, self.refreshTime.family, self.coalesced.family, self.leaseWaits.family,
            self.auditTime.family, self.auditEntries.family,
        ]
    }
}
