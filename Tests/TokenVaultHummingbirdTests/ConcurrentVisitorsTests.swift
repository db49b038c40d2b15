import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenVaultHummingbird

/// Many visitors at once, and those who leave early.
@Suite(.timeLimit(.minutes(5))) struct ConcurrentVisitorsTests {
    @Test(arguments: [true, false])
    func noTwoVisitorsEverSeeEachOthersToken(byPerson: Bool) async throws {
        let application = try PlayedApplication(
            owner: byPerson ? .person { _, context in context.person } : .browser,
            // A vault that takes its time is one whose answers are shared.
            delay: { _ in try await Task.sleep(for: .milliseconds(5)) }
        )
        var visitors: [PlayedVisitor] = []
        for number in 0..<6 {
            var visitor = PlayedVisitor(application, person: "\(number)")
            try await visitor.logIn(as: "p\(number)")
            visitors.append(visitor)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                for (number, visitor) in visitors.enumerated() {
                    group.addTask {
                        var visitor = visitor
                        let token = try await visitor.token()
                        #expect(token == "token-of-p\(number)-\(number + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let reads = application.transport.requests.filter { $0.method == .post && !$0.url.path().hasSuffix("/save") }
        #expect(reads.count < 120, "calls were shared")
    }

    /// A code that was sent is spent, so what was begun is finished.
    @Test(arguments: ["/save", ""])
    func aCodeThatWasSentIsSavedAndAForgetIsDoneThoughTheBrowserHangsUp(path: String) async throws {
        let gate = Gate()
        let isHeld = Box(false)
        let application = try PlayedApplication(
            delay: { request in
                let isChange = request.method == .delete || request.url.path().hasSuffix("/save")
                if isHeld.value, isChange { _ = try await gate.pass() }
            }
        )
        var visitor = PlayedVisitor(application)
        let callback = try await visitor.beginLogin(as: "alice")
        let send: @Sendable () async throws -> Void
        if path == "/save" {
            let visitor = visitor
            send = {
                var visitor = visitor
                try await visitor.send(.get, callback)
            }
        } else {
            try await visitor.send(.get, callback)
            let page = try await visitor.send(.get, "/forget")
            let code = try #require(page.text.firstMatch(of: /value="([0-9a-f]+)"/)).1
            let body = "confirmation=\(code)"
            let visitor = visitor
            send = {
                var visitor = visitor
                try await visitor.send(.post, "/forget", body: body)
            }
        }
        isHeld.withLock { $0 = true }
        let request = Task { try await send() }
        #expect(try await eventually { gate.statistics.running == 1 })
        request.cancel()
        gate.openAll()
        _ = await request.result
        #expect(try await eventually { gate.statistics.running == 0 })
        #expect(gate.statistics.cancelled == 0)
        #expect(try await eventually { try await visitor.token() == (path == "/save" ? "token-of-alice-1" : nil) })
    }
}
