/// When an entry of the audit is on the disk.
package enum AuditDurability: String, Sendable, CaseIterable {
    /// Before the answer that it is about.
    case sync
    /// Soon after: ``unwritten`` entries at most are lost when the machine fails or the vault is killed.
    case batched

    /// How many entries of answers that were given may wait for the disk.
    package var unwritten: Int { self == .sync ? 0 : 1000 }

    /// Between two writes, when nobody waits for one.
    static let pause = Duration.milliseconds(50)
}
