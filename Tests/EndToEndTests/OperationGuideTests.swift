import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// docs/vault-operation.md, word for word.
    @Suite(
        .enabled(if: VaultLab.isAvailable, "only root may allow providers on this machine"),
        .timeLimit(.minutes(20))
    )
    struct OperationGuideTests {
        @Test func theCommandsOfTheGuideWorkInTheirOrder() async throws {
            try await VaultLab.with([.strict]) { lab in
                let lane = lab.lanes[0]
                let guide = try await OperationGuide(lane: lane, stack: lab.stack)
                let headings = guide.sections.filter { !$0.blocks.isEmpty }.map(\.heading)
                #expect(
                    headings == [
                        "Backup", "Restore", "Move to another machine", "Move tokens to another store",
                        "Change the data key", "Change the key",
                        "A key in a Key Vault", "The key has leaked", "The disk is full", "A provider is down",
                        "The database is lost", "The key is lost",
                    ]
                )
                do {
                    try await Self.run(guide, lane)
                } catch {
                    _ = try? await guide.run("systemctl stop")
                    throw error
                }
                _ = try await guide.run("systemctl stop")
            }
        }

        private static func run(_ guide: OperationGuide, _ lane: VaultLane) async throws {
            _ = try await guide.run("systemctl start")
            try await lane.logIn("t", lifetime: 3600)
            for section in guide.sections {
                var said: [String] = []
                for block in section.blocks {
                    if section.heading == "The database is lost" {
                        try FileManager.default.removeItem(atPath: lane.store)
                    }
                    said.append(try await guide.run(block))
                }
                switch section.heading {
                case "Backup":
                    let attributes = try FileManager.default.attributesOfItem(
                        atPath: lane.path("backups/vault-monday")
                    )
                    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                case "Change the data key":
                    let words = said[0].split { $0 == "\n" || $0 == " " }.map(String.init)
                    #expect(Set(words.filter { UUID(uuidString: $0) != nil }).count == 2, "\(said[0])")
                case "A key in a Key Vault":
                    #expect(said[0].contains("/keys/token-vault, opens the store"))
                    #expect(said[1].contains("vault.key-3, opens the store"))
                default: break
                }
                guard !section.blocks.isEmpty, section.heading != "The key is lost" else { continue }
                let reply = await lane.read("t")
                #expect(reply.status == 200, "\(section.heading): \(reply) \(lane.log().suffix(2000))")
                #expect(reply.body == lane.provider.grant("t")?.accessTokens.last)
            }
            #expect(lane.provider.grant("t")?.isDead == false)
            #expect(await lane.read("t").status != 200)
        }
    }
}
