import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// docs/postgresql.md, word for word.
    @Suite(
        .enabled(if: VaultLab.isAvailable && PostgresCluster.isAvailable, "it takes root and PostgreSQL"),
        .timeLimit(.minutes(20))
    )
    struct PostgresGuideTests {
        @Test func theCommandsOfTheGuideWorkInTheirOrder() async throws {
            try await PostgresCluster.with { cluster in
                try await VaultLab.with([.strict]) { lab in
                    let lane = lab.lanes[0]
                    let guide = try await Self.guide(lane, lab.stack, cluster)
                    let headings = guide.sections.filter { !$0.blocks.isEmpty }.map(\.heading)
                    #expect(headings == ["Set up", "Move a store from SQLite, or back", "Backup and restore"])
                    do {
                        try await Self.run(guide, lane, cluster)
                    } catch {
                        _ = try? await guide.run("systemctl stop")
                        throw error
                    }
                    _ = try await guide.run("systemctl stop")
                }
            }
        }

        private static let address = "postgresql://token-vault@db.example.com/token_vault"

        private static func guide(_ lane: VaultLane, _ stack: Stack, _ cluster: PostgresCluster) async throws
            -> OperationGuide
        {
            try await OperationGuide(
                "postgresql.md",
                lane: lane,
                stack: stack,
                places: [
                    (self.address, "postgresql://token-vault@127.0.0.1:\(cluster.port)/token_vault"),
                    // Nobody is there to type it.
                    (" --pwprompt", ""), ("/var/backups/token-vault.dump", cluster.path("socket/token-vault.dump")),
                ],
                environment: [
                    "TOKEN_VAULT_POSTGRES_PASSWORD_FILE": cluster.passwordFile,
                    "TOKEN_VAULT_STATE_DIRECTORY": lane.path("state"),
                ],
                sudo: """
                    if [ "$1" = -u ]; then
                        shift 2
                        export PATH='\(cluster.programs)':$PATH PGHOST='\(cluster.superuserDirectory)' PGPORT=\(cluster.port) PGUSER=postgres
                    fi
                    exec "$@"
                    """
            )
        }

        private static func run(_ guide: OperationGuide, _ lane: VaultLane, _ cluster: PostgresCluster) async throws {
            let blocks = guide.sections.flatMap(\.blocks)
            _ = try await guide.run(blocks[0])
            _ = try await cluster.query("ALTER ROLE \"token-vault\" PASSWORD '\(cluster.password)'")
            // A store that is made there, in another schema than the one that comes.
            let file = lane.path("guide/environment")
            let settings = try String(contentsOfFile: file, encoding: .utf8)
            let other = "TOKEN_VAULT_STORE=\(Self.store(cluster))\nTOKEN_VAULT_POSTGRES_SCHEMA=made\n"
            try (settings + other).write(toFile: file, atomically: true, encoding: .utf8)
            let made = try await guide.run(blocks[1])
            try settings.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(made.contains("Made the store main."), "\(made)")
            #expect(made.contains("named main"), "\(made)")
            _ = try await guide.run("systemctl start")
            try await lane.logIn("t", lifetime: 3600)
            let moved = try await guide.run(blocks[2])
            #expect(moved.contains("entries are as they were written."), "\(moved)")
            let reply = await lane.read("t")
            #expect(reply.status == 200, "\(reply) \(lane.log().suffix(2000))")
            #expect(reply.body == lane.provider.grant("t")?.accessTokens.last)
            _ = try await guide.run(blocks[3])
            let attributes = try FileManager.default.attributesOfItem(atPath: cluster.path("socket/token-vault.dump"))
            #expect((attributes[.size] as? NSNumber)?.intValue ?? 0 > 1000)
        }

        private static func store(_ cluster: PostgresCluster) -> String {
            "postgresql://token-vault@127.0.0.1:\(cluster.port)/token_vault"
        }
    }
}
