import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// The vault on a disk without room, which is a real one.
    @Suite(.enabled(if: SmallDisk.isAvailable, "only root can mount a small file system"))
    struct FullDiskTests {
        /// How many reads the audit says were granted.
        private func given(_ stack: Stack) async throws -> Int {
            try await stack.vaultOutput(["audit", "list"]).split(separator: "\n").filter { $0.contains("\tgiven") }
                .count
        }

        private func read(_ stack: Stack, _ bearer: String) async throws -> Browser.Page {
            try await Browser.get(
                stack.vaultURL + "/services/dropbox/tokens/sampleToken",
                method: "POST",
                headers: ["Authorization": "Bearer \(bearer)"]
            )
        }

        @Test func aVaultThatServesGoesOnWhenTheDiskIsFull() async throws {
            try await Stack.with(.init(storeMegabytes: 32)) { stack in
                let bearer = try await stack.bearer()
                #expect(try await self.read(stack, bearer).status == 200)
                try stack.disk().fill()
                for _ in 0..<300 {
                    let answer = try await self.read(stack, bearer)
                    #expect(answer.status == 200)
                    #expect(answer.text.contains(stack.sampleToken))
                }
                #expect(try await Browser.get(stack.vaultURL + "/readyz").status == 200)
                #expect(try await Browser.get(stack.pageURL + "/").visibleText.contains("Token: \(stack.sampleToken)"))
                // Its commands have the same room.
                try Data("imported-on-a-full-disk\n".utf8).write(to: stack.directory.appending(path: "token"))
                try await stack.vault(["token", "import", "dropbox", "sampleToken"], input: stack.path("token"))
                #expect(try await self.read(stack, bearer).text.contains("imported-on-a-full-disk"))
                #expect(try await self.given(stack) == 303)
            }
        }

        @Test func whatCannotBeAuditedIsNotHandedOutUntilThereIsRoom() async throws {
            try await Stack.with(.init(storeMegabytes: 24, storeRoom: 600_000)) { stack in
                let bearer = try await stack.bearer()
                #expect(try await eventually { try await Browser.get(stack.vaultURL + "/readyz").status == 200 })
                let said = { stack.log("vault.log") }
                #expect(try await eventually { said().contains("The disk of the store is almost full") })

                var given = 0
                var answer = try await self.read(stack, bearer)
                while answer.status == 200, given < 2000 {
                    given += 1
                    answer = try await self.read(stack, bearer)
                }
                #expect(given > 10)
                #expect(answer.status == 503)
                #expect(answer.headers["retry-after"] == "30")
                #expect(
                    answer.text == """
                        {"error":{"code":"StoreFull","message":"The disk of the vault is full, and no token is handed out \
                        without a record of it; try again later."}}
                        """
                )
                // A good answer of it is kept for five seconds.
                #expect(try await eventually { try await Browser.get(stack.vaultURL + "/readyz").status == 503 })
                #expect(try await Browser.get(stack.vaultURL + "/healthz").status == 200)
                #expect(try await Browser.get(stack.pageURL + "/").visibleText.contains("no token is handed out"))
                // A thread of its own writes it.
                #expect(
                    try await eventually { said().contains("The disk of the store is full: no token is handed out") }
                )
                let log = said()
                #expect(!log.contains(stack.sampleToken))
                #expect(!log.contains(bearer))

                try stack.disk().empty()
                #expect(try await self.read(stack, bearer).status == 200)
                #expect(try await eventually { try await Browser.get(stack.vaultURL + "/readyz").status == 200 })
                #expect(try await eventually { said().contains("The audit can be written again") })
                #expect(try await self.given(stack) == given + 1)
            }
        }

        @Test func aKillOnAFullDiskLosesNothing() async throws {
            try await Stack.with(.init(storeMegabytes: 32)) { stack in
                let bearer = try await stack.bearer()
                for _ in 0..<20 { #expect(try await self.read(stack, bearer).status == 200) }
                try stack.disk().fill()
                for _ in 0..<20 { #expect(try await self.read(stack, bearer).status == 200) }
                try stack.process("vault").signal(SIGKILL)
                _ = try await stack.process("vault").waitForEnd()
                // What was written is in the log that was left behind, and so there is room for the next one.
                try stack.startVault()
                #expect(try await eventually { try await self.read(stack, bearer).status == 200 })
                #expect(try await self.read(stack, bearer).text.contains(stack.sampleToken))
                #expect(try await self.given(stack) >= 42)
            }
        }

        @Test func withoutRoomToBeginTheVaultEndsWithACodeThatIsTriedAgain() async throws {
            try await Stack.with(.init(storeMegabytes: 24)) { stack in
                let bearer = try await stack.bearer()
                try await stack.stop("vault")
                // The room that was its own: without it, as after a copy, there is nothing to write on.
                for suffix in ["-wal", "-shm"] {
                    unlink(stack.path("store/vault.sqlite" + suffix))
                }
                try stack.disk().fill()
                try stack.startVault()
                let code = try await stack.process("vault").waitForEnd()
                #expect(code == 75)
                #expect(stack.log("vault.log").contains("cannot be opened: "))
                #expect(stack.log("vault.log").contains("Make room on its disk."))
                try stack.disk().empty()
                try stack.startVault()
                #expect(try await eventually { try await self.read(stack, bearer).status == 200 })
            }
        }
    }
}
