import Foundation
import GRDB
package import VaultCore

extension SQLiteStore {
    /// How many entries one transaction reads; a longer one would keep the store from emptying its log meanwhile.
    private static let verifyingBatch = 20_000

    package func verifyAudit(sealer: CredentialSealer, head: AuditHead? = nil) async throws -> AuditReport {
        var verification = try await self.auditVerification(sealer: sealer, head: head)
        if let finding = try await self.lostAuditKey() { verification.add(finding) }
        var batch = try await self.auditBatch(after: 0)
        while let last = batch.links.last {
            // The next ones are read while these are looked at: that takes about as long.
            async let next = self.auditBatch(after: last.id)
            verification.setCheckpoints(batch.checkpoints)
            for link in batch.links { verification.add(link) }
            batch = try await next
        }
        verification.setCheckpoints(batch.checkpoints)
        verification.finish(at: batch.ends)
        return verification.report
    }

    /// The next entries as they are at one moment, with the notes of what was pruned and the ends of the chains.
    private func auditBatch(after position: Int64) async throws -> AuditBatch {
        try await self.read { db in
            let cursor = try AuditLinkCursor(after: position, limit: Self.verifyingBatch, in: db)
            var links: [AuditLink] = []
            links.reserveCapacity(Self.verifyingBatch)
            while let link = try cursor.next() { links.append(link) }
            return AuditBatch(
                links: links,
                checkpoints: try Self.auditCheckpoints(in: db),
                ends: try Self.auditEnds(in: db)
            )
        }
    }

    private struct AuditBatch: Sendable {
        let links: [AuditLink]
        let checkpoints: [(checkpoint: AuditCheckpoint, mac: AuditMAC?)]
        let ends: [AuditLink.Place]
    }

    func auditVerification(sealer: CredentialSealer?, head: AuditHead? = nil) async throws -> AuditVerification {
        guard let sealer, let present = try await self.auditKey(sealer: sealer) else {
            return AuditVerification(key: AuditKey(), firstID: .max, head: head)
        }
        return AuditVerification(key: present.key, firstID: present.firstID, head: head)
    }

    package func auditHead() async throws -> AuditHead {
        AuditHead(ends: try await self.read { try Self.auditEnds(in: $0) })
    }

    private static func auditEnds(in db: Database) throws -> [AuditLink.Place] {
        try Row.fetchAll(db, sql: "SELECT id, seq, mac FROM audit_chain").map { row in
            // A code that is none is not that of the last entry either.
            AuditLink.Place(chain: row["id"], sequence: row["seq"], mac: AuditMAC(row["mac"] as Data) ?? .start)
        }
    }

    static func auditCheckpoints(in db: Database) throws -> [(checkpoint: AuditCheckpoint, mac: AuditMAC?)] {
        try Row.fetchAll(db, sql: "SELECT * FROM audit_checkpoint").compactMap(Self.checkpoint)
    }

    static func checkpoint(_ row: Row) -> (checkpoint: AuditCheckpoint, mac: AuditMAC?)? {
        guard let before = AuditMAC(row["before_mac"] as Data), let after = AuditMAC(row["after_mac"] as Data) else {
            return nil
        }
        let checkpoint = AuditCheckpoint(
            chain: row["chain"],
            first: row["first_seq"],
            last: row["last_seq"],
            before: before,
            after: after
        )
        return (checkpoint, AuditMAC(row["mac"] as Data))
    }
}
