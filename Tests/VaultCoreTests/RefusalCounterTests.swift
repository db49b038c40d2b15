import Testing

@testable import VaultCore

struct RefusalCounterTests {
    private let start = ContinuousClock.now

    private func entry(_ object: String, token: String = "sample") -> AuditEntry {
        AuditEntry(
            principal: Principal(tenantID: "t", objectID: object),
            action: .postToken,
            service: "dropbox",
            token: token,
            outcome: .forbidden
        )
    }

    @Test func tenThousandRefusalsOfOneCallerAreTwoEntries() {
        var counter = RefusalCounter()
        let written = (0..<10_000).filter { counter.note(self.entry("o", token: "t\($0)"), at: self.start) }
        #expect(written == [0])
        #expect(counter.takeDue(at: self.start + .seconds(59)).isEmpty)
        let due = counter.takeDue(at: self.start + .seconds(60))
        #expect(due.map(\.detail) == ["9999 more within a minute"])
        #expect(due.first?.principal == self.entry("o").principal)
        #expect(due.first?.outcome == .forbidden)
        #expect(counter.isEmpty)
    }

    @Test func aCallerWhoComesOnceAMinuteIsWrittenEachTime() {
        var counter = RefusalCounter()
        for minute in 0..<5 {
            let now = self.start + .seconds(60 * minute)
            let due = counter.takeDue(at: now)
            #expect(due.isEmpty)
            let isWritten = counter.note(self.entry("o"), at: now)
            #expect(isWritten)
        }
    }

    @Test func callersAreCountedApart() {
        var counter = RefusalCounter()
        for object in ["a", "b", "b", "c", "c", "c"] {
            _ = counter.note(self.entry(object), at: self.start)
        }
        let due = counter.takeDue(at: self.start + .seconds(60)).map { "\($0.principal.objectID) \($0.detail)" }
            .sorted()
        #expect(due == ["b 1 more within a minute", "c 2 more within a minute"])
        #expect(counter.isEmpty)
    }

    @Test func aCrowdOfCallersIsBounded() {
        var counter = RefusalCounter()
        let written = (0..<5_000).filter { counter.note(self.entry("o\($0)"), at: self.start) }
        #expect(written.count == 1_025)
        let due = counter.takeDue(at: self.start + .seconds(60))
        #expect(due.count == 1)
        #expect(due.first?.principal.objectID == "others")
        #expect(due.first?.detail == "3975 more within a minute")
    }
}
