import Foundation
import TestSupport
import Testing
import Waiting

@testable import AppAuthentication

@Suite("TokenCache", .timeLimit(.minutes(5)))
struct TokenCacheTests {
    private let clock = ManualClock()
    private let key = TokenCache.Key(resource: Sample.vault)

    private func shelf() -> TokenCache.Shelf {
        let clock = self.clock
        return TokenCache(now: { clock.date }, uptime: { clock.now.offset }).shelf(
            connectionString: "",
            azureADInstance: Sample.instance
        )
    }

    /// A source that counts how often it is asked, and answers when the gate is complete.
    private struct Source: Sendable {
        let gate = SharedResult<AccessToken>()
        let acquisitions = Box(0)

        func acquire() async throws -> AccessToken {
            self.acquisitions.withLock { $0 += 1 }
            return try await self.gate.value
        }

        func waitForAcquisitions(_ count: Int) async {
            while self.acquisitions.value < count { await Task.yield() }
        }
    }

    @Test func aThousandCallersMakeOneAcquisition() async throws {
        let shelf = self.shelf()
        let source = Source()
        let started = Box(0)
        try await withThrowingTaskGroup(of: AccessToken.self) { group in
            for _ in 0..<1_000 {
                group.addTask { [key] in
                    started.withLock { $0 += 1 }
                    return try await shelf.token(for: key, acquire: source.acquire)
                }
            }
            while started.value < 1_000 { await Task.yield() }
            source.gate.complete(.success(Sample.token("one", expiresIn: 3_600, from: self.clock.date)))
            for try await token in group {
                #expect(token.token == "one")
            }
        }
        #expect(source.acquisitions.value == 1)
        let cached = try await shelf.token(for: self.key, acquire: source.acquire)
        #expect(cached.token == "one")
        #expect(shelf.freshToken(for: self.key)?.token == "one")
        #expect(source.acquisitions.value == 1)
    }

    @Test func aCancelledCallerLeavesAtOnceAndTouchesNobody() async throws {
        let shelf = self.shelf()
        let source = Source()
        let first = Task { [key] in try await shelf.token(for: key, acquire: source.acquire) }
        await source.waitForAcquisitions(1)
        let second = Task { [key] in try await shelf.token(for: key, acquire: source.acquire) }
        // The one who began the acquisition is the one who leaves.
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        source.gate.complete(.success(Sample.token("kept", expiresIn: 3_600, from: self.clock.date)))
        #expect(try await second.value.token == "kept")
        #expect(source.acquisitions.value == 1)
        #expect(shelf.freshToken(for: self.key)?.token == "kept")
    }

    @Test func anAcquisitionThatEveryoneLeftStillFillsTheCache() async throws {
        let shelf = self.shelf()
        let source = Source()
        let only = Task { [key] in try await shelf.token(for: key, acquire: source.acquire) }
        await source.waitForAcquisitions(1)
        only.cancel()
        await #expect(throws: CancellationError.self) { try await only.value }
        source.gate.complete(.success(Sample.token("late", expiresIn: 3_600, from: self.clock.date)))
        while shelf.freshToken(for: self.key) == nil { await Task.yield() }
        #expect(shelf.freshToken(for: self.key)?.token == "late")
    }

    @Test func aFailureReachesThoseWhoWaitedAndIsRememberedForASecondAlone() async throws {
        let shelf = self.shelf()
        let acquisitions = Box(0)
        let expiry = self.clock.date
        let acquire: @Sendable () async throws -> AccessToken = {
            let count = acquisitions.withLock { count in
                count += 1
                return count
            }
            guard count > 1 else { throw CredentialFailure("not yet") }
            return Sample.token("second", expiresIn: 3_600, from: expiry)
        }
        for _ in 1...2 {
            await #expect(throws: CredentialFailure("not yet")) { try await shelf.token(for: key, acquire: acquire) }
        }
        #expect(acquisitions.value == 1)
        self.clock.advance(by: .seconds(1))
        #expect(try await shelf.token(for: self.key, acquire: acquire).token == "second")
    }

    @Test func keysDoNotWaitForEachOther() async throws {
        let shelf = self.shelf()
        let slow = Source()
        let waiting = Task { [key] in try await shelf.token(for: key, acquire: slow.acquire) }
        await slow.waitForAcquisitions(1)
        let now = self.clock.date
        let keys = [
            TokenCache.Key(resource: Sample.vault, tenantID: Sample.tenantID),
            TokenCache.Key(resource: Sample.graph),
            TokenCache.Key(resource: "https://vault.azure.net"),
        ]
        for (index, key) in keys.enumerated() {
            let token = try await shelf.token(for: key) { Sample.token("\(index)", expiresIn: 3_600, from: now) }
            #expect(token.token == "\(index)")
        }
        slow.gate.complete(.success(Sample.token("slow", expiresIn: 3_600, from: now)))
        #expect(try await waiting.value.token == "slow")
    }

    @Test func shelvesAreSharedByConnectionStringAndInstance() {
        let cache = TokenCache()
        let shelf = cache.shelf(connectionString: "RunAs=App", azureADInstance: Sample.instance)
        #expect(cache.shelf(connectionString: "RunAs=App", azureADInstance: Sample.instance) === shelf)
        #expect(cache.shelf(connectionString: "RunAs=App ", azureADInstance: Sample.instance) !== shelf)
        #expect(cache.shelf(connectionString: "RunAs=App", azureADInstance: "https://login.us/") !== shelf)
    }

    @Test func aTokenNearItsExpiryIsServedWhileItIsRenewedInTheBackground() async throws {
        let shelf = self.shelf()
        let old = Sample.token("old", expiresIn: 3_600, from: self.clock.date)
        _ = try await shelf.token(for: self.key) { old }
        self.clock.advance(by: .seconds(3_400))
        let source = Source()
        for _ in 0..<100 {
            // The gate is closed, so a caller who waited would never come back.
            #expect(try await shelf.token(for: self.key, acquire: source.acquire).token == "old")
        }
        await source.waitForAcquisitions(1)
        source.gate.complete(.success(Sample.token("new", expiresIn: 3_600, from: self.clock.date)))
        while shelf.freshToken(for: self.key) == nil { await Task.yield() }
        #expect(try await shelf.token(for: self.key, acquire: source.acquire).token == "new")
        #expect(source.acquisitions.value == 1)
    }

    @Test func aFailedRenewalIsTriedAgainAfterThirtySecondsAndShownOnlyPastExpiry() async throws {
        let shelf = self.shelf()
        let old = Sample.token("old", expiresIn: 3_600, from: self.clock.date)
        _ = try await shelf.token(for: self.key) { old }
        let attempts = Box(0)
        let acquire: @Sendable () async throws -> AccessToken = {
            attempts.withLock { $0 += 1 }
            throw CredentialFailure("down")
        }
        self.clock.advance(by: .seconds(3_400))
        for _ in 0..<100 {
            #expect(try await shelf.token(for: self.key, acquire: acquire).token == "old")
            await Task.yield()
        }
        while attempts.value < 1 { await Task.yield() }
        #expect(attempts.value == 1)
        self.clock.advance(by: .seconds(31))
        while attempts.value < 2 {
            #expect(try await shelf.token(for: self.key, acquire: acquire).token == "old")
            await Task.yield()
        }
        self.clock.advance(by: .seconds(200))
        await #expect(throws: CredentialFailure("down")) { try await shelf.token(for: key, acquire: acquire) }
    }

    @Test func aForcedRefreshGetsANewTokenAndJoinsOneThatIsUnderWay() async throws {
        let shelf = self.shelf()
        let now = self.clock.date
        _ = try await shelf.token(for: self.key) { Sample.token("old", expiresIn: 3_600, from: now) }
        let source = Source()
        let first = Task { [key] in try await shelf.token(for: key, forceRefresh: true, acquire: source.acquire) }
        await source.waitForAcquisitions(1)
        let second = Task { [key] in try await shelf.token(for: key, forceRefresh: true, acquire: source.acquire) }
        #expect(try await shelf.token(for: self.key, acquire: source.acquire).token == "old")
        // Let the second one join before the gate opens, so that it has no reason to ask again.
        for _ in 0..<100 { await Task.yield() }
        source.gate.complete(.success(Sample.token("new", expiresIn: 3_600, from: now)))
        #expect(try await first.value.token == "new")
        #expect(try await second.value.token == "new")
        #expect(shelf.freshToken(for: self.key)?.token == "new")
    }
}
