import Foundation
import Logging
import VaultCore
import VaultSQLite

/// Measures the audit of a vault: what an entry costs, alone and among others, and what so many of them cost whoever reads.
///
/// Arguments: a directory for the store, which has to be empty, and how many entries it shall have.
@main
enum AuditBenchmark {
    private static let principal = Principal(
        tenantID: "11111111-1111-1111-1111-111111111111",
        objectID: "22222222-2222-2222-2222-222222222222"
    )

    private static func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            principal: self.principal,
            action: .postToken,
            service: "dropbox",
            token: "token-\(number % 1000)",
            outcome: .given,
            detail: "0123456789abcdef",
            request: RequestIdentifier("0123456789abcdef0123456789abcdef")
        )
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let rows = Int(arguments[2]) else {
            print("usage: audit-benchmark DIRECTORY ROWS")
            exit(64)
        }
        try await self.run(path: arguments[1] + "/data/vault.sqlite", rows: rows)
    }

    private static func run(path: String, rows: Int) async throws {
        let opened = try await SQLiteStore.openOrCreate(at: path)
        let key = KeyEncryptionKey()
        _ = try await opened.create(name: "benchmark", keyEncryptionKey: key)
        let sealer = try await opened.sealer(keyEncryptionKey: key)
        let store = try await opened.chainingAudit(sealer: sealer, live: LivenessFile(databasePath: path))
        _ = try await store.fillReserve()

        try await self.write(to: store, .sync, callers: 1, entries: 2_000)
        for callers in [16, 64, 256] { try await self.write(to: store, .sync, callers: callers, entries: 20_000) }
        try await self.write(to: store, .batched, callers: 64, entries: 100_000)
        try await self.list(store, "with few entries")

        let step = 20_000
        let fill = try await self.timed {
            for start in stride(from: 0, to: rows, by: step) {
                try await store.append((start..<min(start + step, rows)).map(self.entry))
            }
        }
        print("fill: \(rows) entries in \(self.seconds(fill)) s, \(store.size() / 1_048_576) MiB")
        try await self.write(to: store, .sync, callers: 64, entries: 20_000)
        try await self.list(store, "with all of them")
        var report = AuditReport()
        let processor = self.processorTime()
        let verify = try await self.timed { report = try await store.verifyAudit(sealer: sealer) }
        let used = self.processorTime() - processor
        print(
            "verify: \(report.verified) entries in \(self.seconds(verify)) s, \(self.seconds(used)) s of a processor, "
                + "\(report.findingCount) broken"
        )
    }

    private static func write(
        to store: SQLiteStore,
        _ durability: AuditDurability,
        callers: Int,
        entries: Int
    ) async throws {
        let audit = AuditLog(store: store, durability: durability, logger: Logger(label: "benchmark"))
        let time = try await self.timed {
            try await withThrowingTaskGroup { group in
                for caller in 0..<callers {
                    group.addTask {
                        for number in 0..<(entries / callers) {
                            try await audit.append(self.entry(caller * entries + number))
                        }
                    }
                }
                try await group.waitForAll()
            }
            await audit.finish()
        }
        let rate = Double(entries) / (time / .seconds(1))
        print("\(durability.rawValue), \(callers) callers: \(Int(rate)) entries/s")
    }

    /// The first thousand entries, as `audit list | head` has them.
    private static func list(_ store: SQLiteStore, _ text: String) async throws {
        struct Enough: Error {}
        var count = 0
        let time = try await self.timed {
            do {
                try await store.readAudit(before: nil) { _ in
                    count += 1
                    if count == 1000 { throw Enough() }
                }
            } catch is Enough {}
        }
        print("list \(text): the first \(count) in \(self.seconds(time)) s")
    }

    /// What all threads of this process have used.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func timed(_ body: () async throws -> Void) async throws -> Duration {
        let begin = ContinuousClock.now
        try await body()
        return begin.duration(to: .now)
    }

    private static func seconds(_ duration: Duration) -> String {
        String(format: "%.3f", duration / .seconds(1))
    }
}
