/// The chain of entries that were to be pruned is broken.
package struct BrokenAuditError: Error, Sendable, Hashable {
    package let finding: AuditFinding

    package init(finding: AuditFinding) {
        self.finding = finding
    }
}
