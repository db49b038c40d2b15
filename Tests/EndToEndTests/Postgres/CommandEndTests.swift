import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// How commands end whose connections are closed by threads of their own meanwhile.
    @Suite(
        .enabled(if: VaultLab.isAvailable && PostgresCluster.isAvailable, "it takes root and PostgreSQL"),
        .timeLimit(.minutes(20))
    )
    struct CommandEndTests {
        /// OpenSSL clears away what it has when a process exits, and whoever is still in it then ends the process by a signal.
        @Test(arguments: [false, true])
        func everyCommandEndsWithWhatCameOfIt(isEncrypted: Bool) async throws {
            try await PostgresCluster.with(isEncrypted: isEncrypted) { cluster in
                try await VaultLab.with([.strict], cluster: cluster) { lab in
                    let lane = lab.lanes[0]
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for arguments in [["audit", "verify"], ["token", "list"]] {
                            group.addTask { for _ in 0..<13 { _ = try await lane.command(arguments) } }
                        }
                        try await group.waitForAll()
                    }
                    let count = try await cluster.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(PostgresCluster.role)'"
                    )
                    #expect(count == "0")
                    let log = try String(contentsOfFile: cluster.path("server.log"), encoding: .utf8)
                    let complaints = log.split(separator: "\n").filter {
                        $0.contains("could not") || $0.contains("EOF")
                    }
                    #expect(complaints.isEmpty, "\(complaints.prefix(5))")
                }
            }
        }
    }
}
