/// Which refusals of callers without a policy, and of logins, are written into the audit, and which are only counted there.
///
/// The first of a caller is written at once. Those that follow within a minute become one entry with their number, so that
/// whoever may sign in to the tenant cannot fill the disk. A pure value: the time is given to it.
struct RefusalCounter: Sendable {
    private struct Count {
        let entry: AuditEntry
        let begin: ContinuousClock.Instant
        var more = 0
    }

    static let window = Duration.seconds(60)
    /// Callers that are told apart within one window; whoever else comes is counted together.
    private static let maxCallers = 1024
    private static let others = Principal(tenantID: "others", objectID: "others")

    /// Those that are counted together: of one caller whatever it asks for, or of a login for one token.
    private struct Source: Hashable {
        let principal: Principal
        let outcome: AuditEntry.Outcome
        var token: TokenKey?

        init(_ entry: AuditEntry) {
            self.principal = entry.principal
            self.outcome = entry.outcome
            if entry.action == .login { self.token = TokenKey(service: entry.service, token: entry.token) }
        }

        init(others: Principal, _ outcome: AuditEntry.Outcome) {
            self.principal = others
            self.outcome = outcome
        }
    }

    private var counts: [Source: Count] = [:]

    /// Notes a refusal.
    ///
    /// - Returns: True when it is to be written now, false when it is counted.
    mutating func note(_ entry: AuditEntry, at now: ContinuousClock.Instant) -> Bool {
        var source = Source(entry)
        if self.counts[source] == nil, self.counts.count >= Self.maxCallers {
            source = Source(others: Self.others, entry.outcome)
        }
        guard var count = self.counts[source] else {
            self.counts[source] = Count(entry: entry.of(source.principal), begin: now)
            return true
        }
        count.more += 1
        self.counts[source] = count
        return false
    }

    /// Takes out the entries for what was counted in windows that are over.
    mutating func takeDue(at now: ContinuousClock.Instant) -> [AuditEntry] {
        let over = self.counts.filter { $0.value.begin.duration(to: now) >= Self.window }
        for source in over.keys {
            self.counts[source] = nil
        }
        return over.values.filter { $0.more > 0 }.map { $0.entry.summary(of: $0.more) }
    }

    var isEmpty: Bool { self.counts.isEmpty }
}

extension AuditEntry {
    fileprivate func of(_ principal: Principal) -> AuditEntry {
        AuditEntry(
            principal: principal,
            action: self.action,
            service: self.service,
            token: self.token,
            outcome: self.outcome,
            detail: self.detail,
            request: self.request
        )
    }

    /// One entry for those that were only counted: the names that they asked for are not kept.
    fileprivate func summary(of count: Int) -> AuditEntry {
        AuditEntry(
            principal: self.principal,
            action: self.action,
            outcome: self.outcome,
            detail: "\(count) more within a minute",
            request: nil
        )
    }
}
