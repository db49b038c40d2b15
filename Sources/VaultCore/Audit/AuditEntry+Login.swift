extension AuditEntry {
    /// Nobody knows whose browser it is.
    static let browser = Principal(tenantID: "local", objectID: "browser")

    /// A login that came back with an account, which waits for `save`.
    package init(kept pending: PendingCredential) {
        self.init(
            principal: Self.browser,
            action: .login,
            service: pending.service,
            token: pending.token,
            outcome: .kept,
            detail: pending.account?.shown ?? "unknown account"
        )
    }

    /// A login that gave nothing.
    init(refused login: PendingLogin, code: String) {
        self.init(
            principal: Self.browser,
            action: .login,
            service: login.service,
            token: login.token,
            outcome: .refused,
            detail: code
        )
    }

    /// What came of a `save`, and for whose account.
    package init(
        _ redemption: CodeRedemption,
        account: Account?,
        service: String,
        token: String,
        by principal: Principal,
        request: RequestIdentifier?
    ) {
        let (outcome, detail): (Outcome, String) =
            switch redemption {
            case .saved: (.saved, account?.shown ?? "unknown account")
            case .unknownCode: (.refused, "unknown_code")
            case .otherAccount(let present, let new):
                (.refused, "account_mismatch: \(new?.shown ?? "unknown account") for \(present.shown)")
            case .serviceChanged: (.refused, "service_changed")
            }
        self.init(
            principal: principal,
            action: .saveToken,
            service: service,
            token: token,
            outcome: outcome,
            detail: detail,
            request: request
        )
    }
}
