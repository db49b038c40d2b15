import Testing

@testable import VaultCore

struct AuditQueueTests {
    private static func entries(_ count: Int) -> [AuditEntry] {
        Array(
            repeating: AuditEntry(
                principal: Principal(tenantID: "t", objectID: "o"),
                action: .postToken,
                outcome: .given
            ),
            count: count
        )
    }

    @Test func whatComesWhileTheDiskIsBusyIsWrittenTogether() {
        let queue = Subject(unwritten: 0)
        #expect(queue.add(Self.entries(1), waiter: 1) == nil)
        #expect(queue.startsWriting())
        #expect(queue.next()?.count == 1)
        for waiter in 2...4 {
            #expect(queue.add(Self.entries(2), waiter: waiter) == nil)
            #expect(!queue.startsWriting())
        }
        #expect(queue.count == 7)
        #expect(queue.written(hasRoom: true) == [1])
        #expect(queue.next()?.count == 6)
        #expect(queue.written(hasRoom: true) == [2, 3, 4])
        #expect(queue.next() == nil)
        #expect(queue.count == 0)
        #expect(queue.startsWriting())
    }

    @Test func oneTransactionHasABound() {
        let queue = Subject(unwritten: 0)
        for waiter in 0..<(AuditQueue<Int>.batch + 10) { _ = queue.add(Self.entries(1), waiter: waiter) }
        #expect(queue.next()?.count == AuditQueue<Int>.batch)
        _ = queue.written(hasRoom: true)
        #expect(queue.next()?.count == 10)
        // What is longer than that by itself goes alone.
        _ = queue.written(hasRoom: true)
        _ = queue.add(Self.entries(AuditQueue<Int>.batch + 1), waiter: 0)
        _ = queue.add(Self.entries(1), waiter: 1)
        #expect(queue.next()?.count == AuditQueue<Int>.batch + 1)
    }

    @Test func allWhoWaitAreToldOfAFailure() {
        let queue = Subject(unwritten: 0)
        _ = queue.add(Self.entries(1), waiter: 1)
        _ = queue.next()
        _ = queue.add(Self.entries(1), waiter: 2)
        #expect(queue.failed() == [1, 2])
        #expect(queue.count == 0)
        #expect(queue.next() == nil)
    }

    @Test func noMoreThanTheBoundIsUnattended() {
        let queue = Subject(unwritten: 3)
        for waiter in 1...3 { #expect(queue.add(Self.entries(1), waiter: waiter) == true) }
        #expect(queue.add(Self.entries(1), waiter: 4) == nil)
        #expect(queue.isAwaited)
        #expect(queue.next()?.count == 4)
        // What is under way is not on the disk either.
        #expect(queue.add(Self.entries(1), waiter: 5) == nil)
        #expect(queue.written(hasRoom: false) == [4])
        #expect(queue.add(Self.entries(1), waiter: 6) == false)
    }

    @Test func afterAFailureEverybodyWaitsAndNothingThatWasPromisedIsLost() {
        let queue = Subject(unwritten: 10)
        #expect(queue.add(Self.entries(2), waiter: 1) == true)
        _ = queue.next()
        #expect(queue.add(Self.entries(1), waiter: 2) == true)
        #expect(queue.failed() == [])
        #expect(queue.count == 3)
        #expect(queue.add(Self.entries(1), waiter: 3) == nil)
        #expect(queue.next()?.count == 4)
        #expect(queue.failed() == [3])
        #expect(queue.next()?.count == 3)
        #expect(queue.written(hasRoom: true) == [])
        #expect(queue.count == 0)
        #expect(queue.add(Self.entries(1), waiter: 4) == true)
    }

    @Test func whoAsksForTheEndWaitsForAll() {
        let queue = Subject(unwritten: 10_000)
        for waiter in 0..<1000 { _ = queue.add(Self.entries(1), waiter: waiter) }
        #expect(queue.add([], waiter: -1) == nil)
        #expect(queue.next()?.count == AuditQueue<Int>.batch)
        #expect(queue.written(hasRoom: true) == [])
        #expect(queue.next()?.count == 1000 - AuditQueue<Int>.batch)
        #expect(queue.written(hasRoom: true) == [-1])
    }
}

/// A queue behind a reference, since an expectation changes nothing.
private final class Subject {
    private var queue: AuditQueue<Int>

    init(unwritten: Int) { self.queue = AuditQueue(unwritten: unwritten) }

    var count: Int { self.queue.count }
    var isAwaited: Bool { self.queue.isAwaited }
    func add(_ entries: [AuditEntry], waiter: Int) -> Bool? { self.queue.add(entries, waiter: waiter) }
    func startsWriting() -> Bool { self.queue.startsWriting() }
    func next() -> [AuditEntry]? { self.queue.next() }
    func written(hasRoom: Bool) -> [Int] { self.queue.written(hasRoom: hasRoom) }
    func failed() -> [Int] { self.queue.failed() }
}
