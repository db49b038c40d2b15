import AppAuthentication
import ProgramMetrics

/// What a page counts while it works; nothing of whose token it is.
final class PageMetrics: Sendable {
    let pages = MetricCounter(
        "token_page_requests_total",
        help: "Requests, by the route that answered and the status.",
        labels: ["route", "status"]
    )
    let time = MetricHistogram(
        "token_page_request_seconds",
        help: "How long requests took, by the route that answered.",
        label: "route"
    )
    let inFlight = MetricGauge("token_page_requests_in_flight", help: "Requests that are being answered.")
    let vaultAnswers = MetricCounter(
        "token_page_vault_answers_total",
        help: "Answers of the vault that pages wanted; several share a call."
    )
    let vaultCalls = MetricCounter(
        "token_page_vault_calls_total",
        help: "Calls of the vault, by the status of the answer, or none.",
        labels: ["status"]
    )
    let vaultTime = MetricHistogram("token_page_vault_call_seconds", help: "How long calls of the vault took.")
    let identity = MetricCounter(
        "token_page_access_tokens_total",
        help: "Access tokens that pages wanted: from the cache, waited for, or failed.",
        labels: ["source"],
        known: [["cache"], ["waited"], ["failed"]]
    )
    let principals = MetricCounter(
        "token_page_principals_total",
        help: "Access tokens that pages got, by the kind of principal they are of.",
        labels: ["kind"]
    )

    /// What every page counts, found once.
    let vaultAnswer: MetricCount
    let cachedToken: MetricCount
    private let appToken: MetricCount
    private let userToken: MetricCount

    init() {
        self.vaultAnswer = self.vaultAnswers.count(of: [])
        self.cachedToken = self.identity.count(of: ["cache"])
        self.appToken = self.principals.count(of: [Principal.Kind.app.rawValue])
        self.userToken = self.principals.count(of: [Principal.Kind.user.rawValue])
    }

    func countToken(of kind: Principal.Kind) {
        switch kind {
        case .app: self.appToken.increment()
        case .user: self.userToken.increment()
        }
    }

    var families: [MetricFamily] {
        [
            self.pages.family, self.time.family, self.inFlight.family, self.vaultAnswers.family, self.vaultCalls.family,
            self.vaultTime.family, self.identity.family, self.principals.family,
        ]
    }
}
