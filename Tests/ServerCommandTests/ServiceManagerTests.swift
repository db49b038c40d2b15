import Foundation
import TestSupport
import Testing

@testable import ServerCommand

@Suite struct ServiceManagerTests {
    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/"], ["NOTIFY_SOCKET": "@"], ["NOTIFY_SOCKET": "run/notify"],
        ["NOTIFY_SOCKET": "vsock:2:1234"], ["WATCHDOG_USEC": "1000000"],
        // A name that a unix socket has no room for.
        ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 107)],
        ["NOTIFY_SOCKET": "@" + String(repeating: "x", count: 108)],
    ])
    func nobodyIsToldWhereNobodyListens(environment: [String: String]) {
        #expect(ServiceManager(environment: environment) == nil)
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "30000000"], Duration.seconds(30) as Duration?),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"], .seconds(30)),
        (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"], nil), ([:], nil), (["WATCHDOG_USEC": "0"], nil),
        (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil),
    ])
    func theTimeOfTheWatchdogIsForTheProcessThatItNames(environment: [String: String], interval: Duration?) {
        let environment = environment.merging(["NOTIFY_SOCKET": "/run/systemd/notify"]) { $1 }
        #expect(ServiceManager(environment: environment, processID: 42)?.watchdogInterval == interval)
    }

    @Test(arguments: [false, true])
    func messagesArriveAtASocketOfEitherKind(isAbstract: Bool) throws {
        let directory = try TemporaryDirectory()
        let name = isAbstract ? "@token-page/\(UUID().uuidString)" : directory.file("notify")
        let socket = try NotifySocket(name)
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name]))
        manager.send(.isReady)
        manager.send(.isStopping)
        #expect(socket.received() == ["READY=1", "STOPPING=1"])
    }

    @Test(arguments: [1, 107])
    func anAbstractNameHasItsOwnLength(count: Int) throws {
        let unique = UUID().uuidString.prefix(count - 1)
        let name = "@" + unique + String(repeating: "x", count: count - unique.count)
        let socket = try NotifySocket(name)
        try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name])).send(.isReady)
        #expect(socket.received() == ["READY=1"])
    }

    @Test func aManagerThatHasGoneHoldsNobodyUp() async throws {
        let directory = try TemporaryDirectory()
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": directory.file("notify")]))
        #expect(manager.send(.isReady))
        await manager.reportLife()
    }

    @Test func aManagerThatIsBusyHearsLaterThatTheServerIsReady() async throws {
        let directory = try TemporaryDirectory()
        let name = directory.file("notify")
        let socket = try NotifySocket(name)
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name]))
        var count = 0
        while manager.send(.isAlive), count < 100_000 { count += 1 }
        #expect(count < 100_000)
        let task = Task { await manager.reportLife() }
        try await Task.sleep(for: .milliseconds(50))
        #expect(socket.received().allSatisfy { $0 == "WATCHDOG=1" })
        await task.value
        #expect(socket.received() == ["READY=1"])
    }

    /// Half of the interval is 8 s: the message after the one that had no room would come after 16.
    @Test func aSignOfLifeThatHadNoRoomIsRepeatedBeforeTheNextIsDue() async throws {
        let directory = try TemporaryDirectory()
        let name = directory.file("notify")
        let socket = try NotifySocket(name)
        let environment = ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "16000000"]
        let manager = try #require(ServiceManager(environment: environment))
        let start = ContinuousClock.now
        let task = Task { await manager.reportLife() }
        defer { task.cancel() }
        #expect(try await eventually { socket.received() == ["READY=1"] })
        var count = 0
        while manager.send(.isStopping), count < 100_000 { count += 1 }
        #expect(count > 0 && count < 100_000)
        try await Task.sleep(until: start + .milliseconds(8300), clock: .continuous)
        #expect(socket.received().allSatisfy { $0 == "STOPPING=1" })
        #expect(try await eventually { socket.received() == ["WATCHDOG=1"] })
        #expect(ContinuousClock.now - start < .milliseconds(15_800))
    }

    @Test func lifeIsReportedUntilTheTaskIsCancelled() async throws {
        let directory = try TemporaryDirectory()
        let name = directory.file("notify")
        let socket = try NotifySocket(name)
        let environment = ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "40000"]
        let manager = try #require(ServiceManager(environment: environment))
        let task = Task { await manager.reportLife() }
        var messages: [String] = []
        let isWatched = try await eventually {
            messages += socket.received()
            return messages.count >= 4
        }
        #expect(isWatched)
        #expect(messages.first == "READY=1")
        #expect(messages.dropFirst().allSatisfy { $0 == "WATCHDOG=1" })
        task.cancel()
        await task.value
        _ = socket.received()
        try await Task.sleep(for: .milliseconds(100))
        #expect(socket.received() == [])
    }

    @Test func withoutAWatchdogItIsSaidOnceThatTheServerIsReady() async throws {
        let directory = try TemporaryDirectory()
        let socket = try NotifySocket(directory.file("notify"))
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": directory.file("notify")]))
        await manager.reportLife()
        #expect(socket.received() == ["READY=1"])
    }
}
