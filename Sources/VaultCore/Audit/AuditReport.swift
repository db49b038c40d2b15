/// What came of looking at the whole audit.
package struct AuditReport: Sendable, Hashable {
    /// How many findings are kept; the others are counted.
    package static let maxFindings = 20

    /// Entries that are chained and as they were written.
    package var verified = 0
    /// Entries from before the audit was chained: nobody can say anything of them.
    package var unchained = 0
    /// Entries that were pruned, as signed notes say.
    package var pruned: Int64 = 0
    /// The first of what is broken, in the order of the entries.
    package private(set) var findings: [AuditFinding] = []
    package private(set) var findingCount = 0

    package init() {}

    package mutating func add(_ finding: AuditFinding) {
        self.findingCount += 1
        if self.findings.count < Self.maxFindings { self.findings.append(finding) }
    }
}
