import Foundation
import TestSupport
import Testing
import VaultCore

extension VaultFailures {
    /// What can happen to a renewal besides a kill.
    @Suite(
        .enabled(if: VaultLab.isAvailable, "only root may allow providers on this machine"),
        .timeLimit(.minutes(20))
    )
    struct VaultOutageTests {
        private static let token = "t"
        /// These take minutes: a lease lasts for 45 seconds.
        private static let isLong = ProcessInfo.processInfo.environment["KILL_ROUNDS"] != nil

        /// A vault whose renewal has an answer and cannot store it, because somebody else writes.
        private static func beginRenewal(of lane: VaultLane, lifetime: Int) async throws -> any StoreWatch {
            try await lane.start()
            try await lane.logIn(Self.token, lifetime: lifetime)
            if lifetime > 60 {
                // Half of its life and a tenth of that; the sweep of a vault that starts comes at once.
                await (try lane.vault()).stop()
                try await Task.sleep(for: .milliseconds(lifetime * 1000 * 55 / 100 + 1000))
                lane.provider.stop(next: .done)
                try await lane.start()
            } else {
                lane.provider.stop(next: .done)
            }
            #expect(try await lane.provider.isReached())
            let watch = try await lane.watch()
            try await watch.hold()
            lane.provider.release()
            #expect(try await eventually { lane.provider.state.underWay == 0 })
            try await Task.sleep(for: .milliseconds(200))
            return watch
        }

        @Test(
            .enabled(if: isLong, "make test-crash runs it"),
            arguments: [GrantLedger.Kind.previousUntilUsed, .strict]
        )
        func theAnswerOfAVaultThatStoodStillIsKeptApartWhenAnotherTookOver(kind: GrantLedger.Kind) async throws {
            try await VaultLab.with([kind], vaults: 2) { lab in
                let lane = lab.lanes[0]
                let watch = try await Self.beginRenewal(of: lane, lifetime: 4)
                try lane.vault().signal(SIGSTOP)
                try await watch.release()
                try await lane.start(1)
                // It lives, so that its lease has to run out.
                #expect(await lane.read(Self.token, from: 1).status == 503)
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
                #expect(
                    try await eventually(within: .seconds(90)) {
                        await lane.read(Self.token, from: 1).status != 503
                    }
                )
                let taken = await lane.read(Self.token, from: 1)
                #expect(lane.provider.grant(Self.token)?.requestCount == 2)
                try lane.vault().signal(SIGCONT)
                #expect(try await eventually { try await watch.quarantined() == 1 })
                #expect(try await eventually { lane.log().contains("came too late to be used, and is kept") })
                let after = await lane.read(Self.token, from: 0)
                #expect(after.status == taken.status)
                #expect(after.body == taken.body)
                if kind == .strict {
                    // The one replay ended the access, and says so.
                    #expect(after.body.contains("\"LostRotation\""))
                    #expect(lane.provider.grant(Self.token)?.isDead == true)
                } else {
                    #expect(after.status == 200)
                    #expect(after.body == lane.provider.grant(Self.token)?.accessTokens.last)
                }
                #expect(lane.provider.grant(Self.token)?.requestCount == 2)
            }
        }

        @Test(.enabled(if: isLong, "make test-crash runs it"))
        func aVaultThatStoodStillWhileTheTokenLivedStillHasTheAnswer() async throws {
            try await VaultLab.with([.strict], vaults: 2) { lab in
                let lane = lab.lanes[0]
                let watch = try await Self.beginRenewal(of: lane, lifetime: 140)
                let old = lane.provider.grant(Self.token)?.accessTokens.first
                try lane.vault().signal(SIGSTOP)
                try await watch.release()
                try await lane.start(1)
                #expect(
                    try await eventually(within: .seconds(58)) {
                        try await lane.look(at: Self.token, at: 1).state == "Uncertain"
                    }
                )
                #expect(try await lane.look(at: Self.token, at: 1).accessToken == old)
                try lane.vault().signal(SIGCONT)
                #expect(
                    try await eventually {
                        try await lane.look(at: Self.token, at: 1).accessToken != old
                    }
                )
                let look = try await lane.look(at: Self.token, at: 1)
                #expect(look.state == "Ok")
                #expect(look.accessToken == lane.provider.grant(Self.token)?.accessTokens.last)
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
                #expect(try await watch.quarantined() == 0)
            }
        }

        @Test(.enabled(if: isLong, "make test-crash runs it"))
        func anAnswerWaitsForTheStoreLongerThanAStatementDoes() async throws {
            try await VaultLab.with([.strict]) { lab in
                let lane = lab.lanes[0]
                let watch = try await Self.beginRenewal(of: lane, lifetime: 4)
                // A statement waits for five seconds.
                try await Task.sleep(for: .seconds(6))
                try await watch.release()
                #expect(try await eventually { await lane.read(Self.token).status == 200 })
                #expect(await lane.read(Self.token).body == lane.provider.grant(Self.token)?.accessTokens.last)
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
            }
        }

        /// Without the room that a vault holds ready, as when the disk was full before it was started.
        @Test func anAnswerThatComesWhenTheDiskIsFullIsStoredWhenThereIsRoom() async throws {
            try await VaultLab.with([.strict], storeMegabytes: 24) { lab in
                let lane = lab.lanes[0]
                let disk = try #require(lane.disk)
                try disk.fill(leaving: 600_000)
                try await lane.start()
                // Due when the provider has been told to stop, however long a login takes.
                try await lane.logIn(Self.token, lifetime: 12)
                let expiry = ContinuousClock.now + .seconds(13)
                lane.provider.stop(next: .done)
                #expect(try await lane.provider.isReached())
                let watch = try SQLiteWatch(store: lane.store)
                try await watch.makeBallast()
                try disk.fill()
                try await watch.fill()
                lane.provider.release()
                #expect(try await eventually { lane.log().contains("cannot be stored") })
                // Who reads a token that lives would not wait for the next one.
                try await Task.sleep(until: expiry)
                async let waiting = lane.read(Self.token)
                try await Task.sleep(for: .seconds(1))
                disk.empty()
                #expect(await waiting.status == 200)
                #expect(await lane.read(Self.token).body == lane.provider.grant(Self.token)?.accessTokens.last)
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
            }
        }

        @Test func aStoreThatMayOnlyBeReadStopsTheVaultAndCostsNothing() async throws {
            try await VaultLab.with([.strict], storeMegabytes: 64) { lab in
                let lane = lab.lanes[0]
                let disk = try #require(lane.disk)
                try await lane.start()
                try await lane.logIn(Self.token, lifetime: 6)
                try await lane.kill()
                try disk.setReadOnly(true)
                let vault = try lane.launch()
                let code = try await vault.waitForEnd()
                #expect([75, 78].contains(code), "\(code ?? -1) \(lane.log())")
                #expect(lane.log().contains("vault.sqlite"))
                try disk.setReadOnly(false)
                try await lane.start()
                #expect(
                    try await eventually {
                        let reply = await lane.read(Self.token)
                        return reply.status == 200 && reply.body == lane.provider.grant(Self.token)?.accessTokens.last
                    }
                )
                #expect(lane.provider.grant(Self.token)?.isDead == false)
            }
        }

        /// Two vaults on one store that are a day apart: what one stores has expired, or lives for ever, for the other.
        @Test(
            .enabled(if: isLong && ShiftedClock.compiler != nil, "make test-crash runs it where there is a compiler"),
            arguments: [86_400, -86_400]
        )
        func aClockThatIsADayOffCostsNoGrant(seconds: Int) async throws {
            try await VaultLab.with([.strict], vaults: 2) { lab in
                let lane = lab.lanes[0]
                try await lane.start(0)
                try await lane.logIn(Self.token, lifetime: 4)
                let first = lane.provider.grant(Self.token)?.accessTokens.last
                let clock = try await ShiftedClock(in: lane.directory)
                lane.provider.change { $0.ledger.lifetimes = Array(repeating: 4, count: 8) }
                try await lane.start(1, environment: clock.environment(seconds: seconds))
                #expect(
                    try await eventually {
                        let reply = await lane.read(Self.token)
                        return reply.status == 200 && reply.body != first
                    }
                )
                try await Task.sleep(for: .seconds(8))
                lane.provider.change { $0.ledger.lifetimes = [] }
                await (try lane.vault(1)).stop()
                // Whatever the other believed, the store's refresh token is the provider's.
                let watch = try await lane.watch()
                #expect(
                    try await eventually {
                        let row = try await watch.row(of: Self.token)
                        let current = lane.provider.grant(Self.token)?.current ?? ""
                        return row?.refreshDigest == Credential.digest(current) && row?.phase == "idle"
                            && row?.problem == nil
                    }
                )
                let grant = try #require(lane.provider.grant(Self.token))
                #expect(!grant.isDead)
                #expect(grant.reuses == 0)
                #expect(grant.requestCount == grant.rotations)
                #expect(lane.provider.state.mostUnderWay == 1)
            }
        }

        /// Nothing ends at the provider, and the list says who has to log in.
        @Test func yesterdaysFileEndsNoGrant() async throws {
            try await VaultLab.with([.strict, .none]) { lab in
                for lane in lab.lanes { try await Self.restore(lane) }
            }
        }

        private static func restore(_ lane: VaultLane) async throws {
            try await lane.start()
            // Not due before it has been copied.
            try await lane.logIn(Self.token, lifetime: 12)
            await (try lane.vault()).stop()
            let yesterday = lane.directory.appending(path: "yesterday")
            try FileManager.default.copyItem(
                at: lane.directory.appending(path: "store"),
                to: yesterday
            )
            try await lane.start()
            let first = lane.provider.grant(Self.token)?.accessTokens.first
            #expect(
                try await eventually {
                    let reply = await lane.read(Self.token)
                    return reply.status == 200 && reply.body != first
                }
            )
            try await lane.kill()
            try FileManager.default.removeItem(at: lane.directory.appending(path: "store"))
            try FileManager.default.moveItem(at: yesterday, to: lane.directory.appending(path: "store"))
            try await lane.start()
            // What it has from yesterday may live for a moment more.
            var reply = PlainRequest.Reply()
            #expect(
                try await eventually {
                    reply = await lane.read(Self.token)
                    return reply.body != first
                }
            )
            if lane.provider.state.ledger.kind == .strict {
                #expect(reply.status == 400)
                #expect(reply.body.contains("\"Restored\""), "\(reply)")
                #expect(lane.provider.grant(Self.token)?.requestCount == 1)
                #expect(lane.provider.grant(Self.token)?.isDead == false)
                #expect(lane.log().contains("was put back from a copy"))
            } else {
                #expect(reply.status == 200)
                #expect(reply.body == lane.provider.grant(Self.token)?.accessTokens.last)
            }
        }
    }
}
