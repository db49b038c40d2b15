import Foundation
package import VaultCore

extension PostgresStore {
    /// How many entries are in memory at a time.
    private static let verifyingBatch = 20_000
    /// A large audit takes minutes.
    private static let verifyingPatience = Duration.seconds(3_600)

    /// Follows the chains of the audit from the first entry to the last, as it is at one moment; others may write meanwhile.
    ///
    /// - Parameters:
    ///   - sealer: Opens the key of the audit.
    ///   - head: An end that was noted elsewhere.
    /// - Returns: What was found; the audit is whole when there are no findings.
    /// - Throws: ``StoreError``; ``SealerError/damaged`` when the key of the audit does not open.
    package func verifyAudit(sealer: CredentialSealer, head: AuditHead? = nil) async throws -> AuditReport {
        var verification = try await self.auditVerification(sealer: sealer, head: head)
        if let finding = try await self.lostAuditKey() { verification.add(finding) }
        return try await self.database.read(within: Self.verifyingPatience) { [verification] db in
            var verification = verification
            verification.setCheckpoints(try Self.auditCheckpoints(in: db))
            var position: Int64 = 0
            while true {
                let entries = try AuditLinks.fetch(after: position, limit: Self.verifyingBatch, in: db)
                guard let last = entries.last else { break }
                for entry in entries { verification.add(entry.link) }
                position = last.link.id
            }
            verification.finish(at: try Self.auditEnds(in: db))
            return verification.report
        }
    }

    func auditVerification(sealer: CredentialSealer?, head: AuditHead? = nil) async throws -> AuditVerification {
        guard let sealer, let present = try await self.auditKey(sealer: sealer) else {
            return AuditVerification(key: AuditKey(), firstID: .max, head: head)
        }
        return AuditVerification(key: present.key, firstID: present.firstID, head: head)
    }

    /// Where the chains of the audit end.
    package func auditHead() async throws -> AuditHead {
        AuditHead(ends: try await self.database.query { try Self.auditEnds(in: $0) })
    }

    private static func auditEnds(in db: PostgresTransaction) throws -> [AuditLink.Place] {
        try db.rows("SELECT id, seq, mac FROM audit_chain").map { row in
            // A code that is none is not that of the last entry either.
            AuditLink.Place(
                chain: try row["id"],
                sequence: try row["seq"],
                mac: AuditMAC(try row["mac"] as Data) ?? .start
            )
        }
    }

    static func auditCheckpoints(
        in db: PostgresTransaction
    ) throws -> [(checkpoint: AuditCheckpoint, mac: AuditMAC?)] {
        try db.rows("SELECT * FROM audit_checkpoint").compactMap(Self.checkpoint)
    }

    static func checkpoint(_ row: PostgresRow) throws -> (checkpoint: AuditCheckpoint, mac: AuditMAC?)? {
        guard let before = AuditMAC(try row["before_mac"] as Data), let after = AuditMAC(try row["after_mac"] as Data)
        else {
            return nil
        }
        let checkpoint = AuditCheckpoint(
            chain: try row["chain"],
            first: try row["first_seq"],
            last: try row["last_seq"],
            before: before,
            after: after
        )
        return (checkpoint, AuditMAC(try row["mac"] as Data))
    }
}
