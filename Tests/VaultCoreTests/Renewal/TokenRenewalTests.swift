import Foundation
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultTestSupport

struct TokenRenewalTests {
    private let fixture: RenewalFixture

    init() throws { self.fixture = try RenewalFixture() }

    /// Two hundred readers, half of them at each of two vaults.
    private func crowd(_ vaults: [TokenRenewal]) async throws -> [RenewalEnd] {
        try await withThrowingTaskGroup(of: RenewalEnd.self) { group in
            for number in 0..<200 {
                group.addTask { try await vaults[number % vaults.count].refresh(self.fixture.token) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(500)])
    func twoHundredReadersAtTwoVaultsCauseOneRequest(slowness: Duration) async throws {
        let refresher = FakeRefresher { _, _ in
            try await Task.sleep(for: slowness)
            return nil
        }
        let vaults = [try self.fixture.vault("a", refresher), try self.fixture.vault("b", refresher)]
        await self.fixture.put(expiresIn: -1)
        for renewal in 1...3 {
            let ends = try await self.crowd(vaults)
            #expect(ends.count == 200 && ends.allSatisfy { $0 == .current })
            #expect(refresher.calls == renewal)
            let credential = await self.fixture.store.entries[self.fixture.token]?.credential
            #expect(credential?.accessToken == "access \(renewal)")
            self.fixture.advance(by: .seconds(3601))
        }
    }

    @Test func aReaderOfALivingTokenDoesNotWaitForASlowProvider() async throws {
        let gate = Box(true)
        let refresher = FakeRefresher { _, _ in
            while gate.value { try await Task.sleep(for: .milliseconds(5)) }
            return nil
        }
        await self.fixture.put(expiresIn: 60)
        let vault = try self.fixture.vault("a", refresher) { $0.patience = .milliseconds(50) }
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(1)))
        // Nobody waits for it now, and it comes to its end all the same.
        gate.withLock { $0 = false }
        while await self.fixture.row?.version == 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(refresher.calls == 1)
    }

    @Test func whatIsUnderWayAtTheEndIsFinishedAndNothingMoreIsBegun() async throws {
        let gate = Box(true)
        let refresher = FakeRefresher { _, _ in
            while gate.value { try await Task.sleep(for: .milliseconds(5)) }
            return nil
        }
        await self.fixture.put(expiresIn: 60)
        let other = TokenKey(service: "dropbox", token: "other")
        await self.fixture.put(other, expiresIn: 60)
        let vault = try self.fixture.vault("a", refresher) { $0.patience = .milliseconds(50) }
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(1)))
        async let end: Void = vault.finish()
        while !vault.hasEnded { await Task.yield() }
        #expect(try await vault.refresh(other) == .later(.seconds(5)))
        gate.withLock { $0 = false }
        await end
        #expect(await self.fixture.row?.version == 2)
        #expect(refresher.calls == 1)
    }

    @Test func aTokenThatIsNotDueIsLeftAlone() async throws {
        let refresher = FakeRefresher()
        await self.fixture.put(expiresIn: 3000)
        let vault = try self.fixture.vault("a", refresher)
        #expect(try await vault.refresh(self.fixture.token) == .current)
        #expect(refresher.calls == 0)
    }

    @Test(arguments: [(500, nil), (503, 120), (429, 60)] as [(Int, Int?)])
    func aProviderThatPutsItOffIsLeftAloneForAsLongAsItSays(status: Int, seconds: Int?) async throws {
        let refresher = FakeRefresher { call, _ in
            let headers = seconds.map { [(name: "Retry-After", value: "\($0)")] } ?? []
            return call == 1 ? TransportResponse(status: status, headers: headers) : nil
        }
        await self.fixture.put(expiresIn: -1)
        let vaults = [try self.fixture.vault("a", refresher), try self.fixture.vault("b", refresher)]
        let first = try await self.crowd(vaults)
        #expect(first.allSatisfy { $0 != .current })
        #expect(refresher.calls == 1 && refresher.state.value.mostRunning == 1)
        // Well before: the time that the crowd takes counts too.
        self.fixture.advance(by: .seconds(Double((seconds ?? 20) / 3)))
        _ = try await self.crowd(vaults)
        #expect(refresher.calls == 1)
        self.fixture.advance(by: .seconds(120))
        #expect(try await self.crowd(vaults).allSatisfy { $0 == .current })
        #expect(refresher.calls == 2)
    }

    @Test func anUnreadableAnswerIsKeptAndTheProviderNotAskedAgain() async throws {
        let refresher = FakeRefresher { _, _ in TransportResponse(status: 200, body: Data("<html>".utf8)) }
        await self.fixture.put(expiresIn: 60)
        let vault = try self.fixture.vault("a", refresher)
        #expect(try await vault.refresh(self.fixture.token) == .problem(.uncertain))
        #expect(await self.fixture.store.entries[self.fixture.token]?.quarantined.count == 1)
        self.fixture.advance(by: .seconds(3600))
        #expect(try await vault.refresh(self.fixture.token) == .problem(.lostRotation))
        #expect(refresher.calls == 1)
    }

    @Test func anAnswerIsStoredBeforeItIsRead() async throws {
        let seen = Box<[Bool]>([])
        let fixture = self.fixture
        let refresher = FakeRefresher(reading: { token in
            let isStored = await fixture.store.entries[token]?.keptAnswer != nil
            seen.withLock { $0.append(isStored) }
        })
        await fixture.put(expiresIn: -1)
        #expect(try await fixture.vault("a", refresher).refresh(fixture.token) == .current)
        #expect(seen.value == [true])
        #expect(await fixture.store.entries[fixture.token]?.keptAnswer == nil)
    }

    @Test func newTokensOutliveAStoreThatHasNoRoomForAWhile() async throws {
        let refresher = FakeRefresher()
        await self.fixture.put(expiresIn: -1)
        await self.fixture.store.refuseAnswers(1)
        #expect(try await self.fixture.vault("a", refresher).refresh(self.fixture.token) == .current)
        #expect(refresher.calls == 1)
        #expect(await self.fixture.row?.version == 2)
        #expect(self.fixture.log.text.contains("make room"))
        #expect(!self.fixture.log.text.contains("access 1"))
    }

    @Test func aRefusedClientCostsNoTokenItsGrantAndTheNextSecretIsTriedOnce() async throws {
        let refresher = FakeRefresher(terms: RefresherTerms(rotation: .strict, secretCount: 2)) { _, secret in
            secret == 0 ? TransportResponse(status: 401) : nil
        }
        await self.fixture.put(expiresIn: -1)
        #expect(try await self.fixture.vault("a", refresher).refresh(self.fixture.token) == .current)
        #expect(refresher.state.value.secrets == [0, 1])
    }

    @Test func aRefusedClientBreaksItsServiceAndNotTheToken() async throws {
        let refresher = FakeRefresher { _, _ in TransportResponse(status: 401) }
        await self.fixture.put(expiresIn: -1)
        let vault = try self.fixture.vault("a", refresher)
        #expect(try await vault.refresh(self.fixture.token) == .problem(.serviceBroken))
        #expect(try await vault.refresh(self.fixture.token) == .problem(.serviceBroken))
        #expect(refresher.calls == 1)
        #expect(await self.fixture.row?.problem == nil)
    }

    @Test func nothingIsSentWhenTheLeaseMayEndBeforeTheCall() async throws {
        let refresher = FakeRefresher()
        await self.fixture.put(expiresIn: -1)
        let vault = try self.fixture.vault("a", refresher) { $0.lease = .seconds(10) }
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(1)))
        #expect(refresher.calls == 0)
        #expect(await self.fixture.row?.lease.phase == .idle)
    }

    @Test(arguments: MemoryRenewalStore.Loss.allCases, MemoryRenewalStore.Loss.allCases)
    func whoCouldNotLearnWhetherItHasALeaseWaitsForNobody(
        first: MemoryRenewalStore.Loss,
        second: MemoryRenewalStore.Loss
    ) async throws {
        let refresher = FakeRefresher(terms: RefresherTerms(rotation: .strict))
        await self.fixture.put(expiresIn: -1)
        let vault = try self.fixture.vault("a", refresher)
        for loss in [first, second] {
            await self.fixture.store.lose(loss)
            #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(5)))
        }
        #expect(refresher.calls == 0)
        let other = try self.fixture.vault("b", refresher) { $0.longPatience = .milliseconds(100) }
        if second == .made {
            // The others cannot know.
            #expect(try await other.refresh(self.fixture.token) == .later(.seconds(1)))
            #expect(refresher.calls == 0)
        }
        #expect(try await vault.refresh(self.fixture.token) == .current)
        #expect(refresher.calls == 1)
        #expect(await self.fixture.row?.version == 2)
        #expect(await self.fixture.row?.problem == nil)
    }

    @Test func aLeaseWithWhichSomethingWasSentIsNotGivenBack() async throws {
        let refresher = FakeRefresher(terms: RefresherTerms(rotation: .strict)) { [store = self.fixture.store] _, _ in
            // What the provider answers is not written down.
            await store.lose(.undone)
            return TransportResponse(status: 400)
        }
        await self.fixture.put(expiresIn: -1)
        // Long enough for the first, and what the second waits for in vain.
        let vault = try self.fixture.vault("a", refresher) { $0.longPatience = .seconds(4) }
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(5)))
        #expect(try await vault.refresh(self.fixture.token) == .later(.seconds(1)))
        #expect(refresher.calls == 1)
        #expect(await self.fixture.row?.lease.phase == .armed)
    }

    @Test func theLostAnswerOfAStrictProviderIsAskedForOnceWhenTheAccessTokenIsOver() async throws {
        let refresher = FakeRefresher { call, _ in
            if call == 1 { throw TransportError(.timeout, "no answer") }
            return nil
        }
        await self.fixture.put(expiresIn: 60)
        let vault = try self.fixture.vault("a", refresher)
        #expect(try await vault.refresh(self.fixture.token) == .problem(.uncertain))
        self.fixture.advance(by: .seconds(50))
        #expect(try await vault.refresh(self.fixture.token) == .current)
        #expect(refresher.calls == 1)
        self.fixture.advance(by: .seconds(20))
        #expect(try await vault.refresh(self.fixture.token) == .current)
        #expect(refresher.calls == 2)
        #expect(await self.fixture.store.entries[self.fixture.token]?.notes.last?.outcome == .healed)
    }

    @Test func theAnswerToAServiceThatIsRepointedMeanwhileWaitsForTheServiceToBeAsItWas() async throws {
        let fixture = self.fixture
        let refresher = FakeRefresher { _, _ in
            await fixture.store.change(fixture.token) { $0.isRepointed = true }
            return nil
        }
        await fixture.put(expiresIn: -1)
        let vault = try fixture.vault("a", refresher)
        refresher.state.withLock { $0.isRepointed = true }
        #expect(try await vault.refresh(fixture.token) == .problem(.serviceChanged))
        #expect(try await vault.refresh(fixture.token) == .problem(.serviceChanged))
        try await vault.sweep()
        #expect(await fixture.row?.version == 1)
        #expect(await fixture.store.entries[fixture.token]?.keptAnswer != nil)
        #expect(refresher.calls == 1)

        await fixture.store.change(fixture.token) { $0.isRepointed = false }
        refresher.state.withLock { $0.isRepointed = false }
        #expect(try await vault.refresh(fixture.token) == .current)
        #expect(await fixture.store.entries[fixture.token]?.credential.accessToken == "access 1")
        #expect(refresher.calls == 1)
    }

    @Test func theSweepDoesNotTurnRoundWhatItHasToLeaveAlone() async throws {
        let refresher = FakeRefresher { _, _ in TransportResponse(status: 503) }
        for number in 0..<20 {
            await self.fixture.put(TokenKey(service: "broken", token: "t\(number)"), expiresIn: -60)
        }
        let vault = try self.fixture.vault("a", refresher) { $0.maxCalls = 1 }
        // One after the other, until the circuit opens.
        try await vault.sweep()
        #expect(refresher.calls == 5)
        let searches = await self.fixture.store.searches
        for _ in 0..<3 { try await vault.sweep() }
        #expect(refresher.calls == 5)
        #expect(await self.fixture.store.searches == searches + 3)
    }

    @Test func manyTokensOfABrokenProviderDoNotKeepTheSweepFromOthers() async throws {
        let refresher = FakeRefresher()
        for number in 0..<600 {
            let token = TokenKey(service: "broken", token: "t\(number)")
            await self.fixture.put(token, expiresIn: -60)
            await self.fixture.store.change(token) {
                $0.lease.retryAt = LeaseTime(boot: "boot", milliseconds: .max)
            }
        }
        await self.fixture.put(expiresIn: 600)
        try await self.fixture.vault("a", refresher).sweep()
        #expect(refresher.calls == 1)
        #expect(await self.fixture.row?.version == 2)
    }
}
