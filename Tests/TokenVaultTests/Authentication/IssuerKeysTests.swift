import Foundation
import JWTKit
import Logging
import TestSupport
import Testing
import TokenTransport

@testable import TokenVault

struct IssuerKeysTests {
    private enum Health: Sendable {
        case up
        case down
        case renewed
    }

    private let clock = ManualClock()
    private let health = Box(Health.up)
    private let transport: FakeTransport
    private let keys: IssuerKeys

    init() throws {
        let issuer = try TestIssuer()
        let health = self.health
        let clock = self.clock
        self.transport = FakeTransport { request in
            switch health.value {
            case .up: return try issuer.answer(request)
            case .down: throw TransportError(.connection, "refused")
            case .renewed where request.url.absoluteString == TestIssuer.keysURL:
                return TransportResponse(status: 200, body: try issuer.keySet(rsaKid: "rsa-2"))
            case .renewed: return try issuer.answer(request)
            }
        }
        self.keys = try Self.makeKeys(transport: self.transport, clock: clock)
    }

    private static func makeKeys(transport: FakeTransport, clock: ManualClock) throws -> IssuerKeys {
        IssuerKeys(
            discovery: KeyDiscovery(issuer: try #require(IssuerURL(TestIssuer.url)), transport: transport),
            now: { clock.date },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private func outcome(_ kid: String) async -> String {
        do {
            return try await self.keys.key(kid).algorithm.name
        } catch BearerFailure.keysUnavailable {
            return "unavailable"
        } catch BearerFailure.invalid {
            return "unknown"
        } catch {
            return "\(error)"
        }
    }

    /// Fetches so far; each is two requests.
    private var fetches: Int {
        self.transport.requests.filter { $0.url.absoluteString == TestIssuer.configurationURL }.count
    }

    @Test func keysAreFetchedOnce() async {
        for _ in 1...3 {
            #expect(await self.outcome("rsa-1") == "RS256")
            #expect(await self.outcome("ec-1") == "ES256")
        }
        #expect(
            self.transport.requests.map(\.url.absoluteString) == [TestIssuer.configurationURL, TestIssuer.keysURL]
        )
        #expect(self.transport.requests.allSatisfy { $0.timeout <= .seconds(10) })
    }

    @Test func aHundredCallersCauseOneFetch() async throws {
        let issuer = try TestIssuer()
        let arrived = Box(0)
        let transport = FakeTransport { request in
            // Answers when all have come.
            while arrived.value < 100 {
                await Task.yield()
            }
            return try issuer.answer(request)
        }
        let keys = try Self.makeKeys(transport: transport, clock: self.clock)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 1...100 {
                group.addTask {
                    arrived.withLock { $0 += 1 }
                    return try await keys.key("rsa-1").algorithm.name
                }
            }
            for try await name in group {
                #expect(name == "RS256")
            }
        }
        #expect(transport.requests.count == 2)
    }

    @Test func unknownKeysCauseOneFetchInThirtySeconds() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.health.withLock { $0 = .renewed }
        for number in 1...50 {
            #expect(await self.outcome("guess-\(number)") == "unknown")
        }
        self.clock.advance(by: .seconds(29))
        #expect(await self.outcome("rsa-2") == "unknown")
        #expect(self.fetches == 1)
        self.clock.advance(by: .seconds(1))
        #expect(await self.outcome("rsa-2") == "RS256")
        #expect(self.fetches == 2)
    }

    @Test func aWithdrawnKeyIsForgottenWithTheNextFetch() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.health.withLock { $0 = .renewed }
        self.clock.advance(by: .seconds(30))
        #expect(await self.outcome("rsa-2") == "RS256")
        #expect(await self.outcome("rsa-1") == "unknown")
    }

    @Test func aFirstFetchThatFailsIsNotRememberedForLong() async {
        self.health.withLock { $0 = .down }
        #expect(await self.outcome("rsa-1") == "unavailable")
        #expect(await self.outcome("rsa-1") == "unavailable")
        #expect(self.fetches == 1)
        self.health.withLock { $0 = .up }
        self.clock.advance(by: .seconds(1))
        #expect(await self.outcome("rsa-1") == "RS256")
    }

    @Test func keysStayGoodForADayWhileTheIssuerIsDown() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.health.withLock { $0 = .down }
        self.clock.advance(by: .seconds(24 * 3600 - 1))
        #expect(await self.outcome("rsa-1") == "RS256")
        self.clock.advance(by: .seconds(1))
        #expect(await self.outcome("rsa-1") == "unavailable")
    }

    @Test func anUnknownKeyWhileTheIssuerIsDownSaysNothingOfTheToken() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.health.withLock { $0 = .down }
        self.clock.advance(by: .seconds(60))
        #expect(await self.outcome("rsa-2") == "unavailable")
        #expect(await self.outcome("rsa-1") == "RS256")
    }

    @Test func agedKeysAreFetchedAgainWhileTheyServe() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.health.withLock { $0 = .renewed }
        self.clock.advance(by: .seconds(3600))
        #expect(await self.outcome("rsa-1") == "RS256")
        // The next one that is not known waits for the fetch in the background.
        #expect(await self.outcome("rsa-2") == "RS256")
        #expect(self.fetches == 2)
    }

    @Test func aClockThatWasSetBackDoesNotStopTheFetches() async {
        #expect(await self.outcome("rsa-1") == "RS256")
        self.clock.advance(by: .seconds(-1000))
        #expect(await self.outcome("rsa-2") == "unknown")
        #expect(self.fetches == 2)
    }

    @Test func aCallerThatIsCancelledLeavesTheOthersTheirFetch() async throws {
        let issuer = try TestIssuer()
        let isOpen = Box(false)
        let transport = FakeTransport { request in
            while !isOpen.value {
                await Task.yield()
            }
            return try issuer.answer(request)
        }
        let keys = try Self.makeKeys(transport: transport, clock: self.clock)
        let leaver = Task { try await keys.key("rsa-1").algorithm.name }
        let stayer = Task { try await keys.key("rsa-1").algorithm.name }
        while transport.requests.isEmpty {
            await Task.yield()
        }
        leaver.cancel()
        await #expect(throws: CancellationError.self) { try await leaver.value }
        isOpen.withLock { $0 = true }
        #expect(try await stayer.value == "RS256")
        #expect(transport.requests.count == 2)
    }
}
