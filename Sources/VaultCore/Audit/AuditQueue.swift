/// Entries on their way to the disk, and who waits for them: a pure value.
///
/// Entries that nobody waits for stay until they are written, however often that fails; with those of callers who were told that
/// it failed, nothing was handed out.
struct AuditQueue<Waiter: Sendable>: Sendable {
    private struct Item {
        let entries: [AuditEntry]
        /// Nil when the caller has its answer.
        let waiter: Waiter?
    }

    /// Entries of one transaction: beyond that it holds up whoever else writes.
    static var batch: Int { 512 }

    private let unwritten: Int
    private var waiting: [Item] = []
    /// In the transaction that is under way.
    private var underWay: [Item] = []
    private var isWriting = false
    private var hasFailed = false
    private var hasRoom = true
    /// All entries that are not on the disk.
    private(set) var count = 0
    /// Those of them that nobody waits for.
    private var unattended = 0

    init(unwritten: Int) {
        self.unwritten = unwritten
    }

    /// Takes entries.
    ///
    /// - Returns: What to tell the caller at once; nil when it has to wait for the disk.
    mutating func add(_ entries: [AuditEntry], waiter: Waiter) -> Bool? {
        let waits = entries.isEmpty || self.hasFailed || self.unattended + entries.count > self.unwritten
        self.count += entries.count
        if !waits { self.unattended += entries.count }
        self.waiting.append(Item(entries: entries, waiter: waits ? waiter : nil))
        return waits ? nil : self.hasRoom
    }

    /// Whether somebody has to begin to write; the next one to ask need not.
    mutating func startsWriting() -> Bool {
        defer { self.isWriting = true }
        return !self.isWriting
    }

    /// The entries of the next transaction; nil when there is nothing to write, and the writing is over.
    mutating func next() -> [AuditEntry]? {
        guard !self.waiting.isEmpty else {
            self.isWriting = false
            return nil
        }
        var end = 0
        var size = 0
        while end < self.waiting.count, end == 0 || size + self.waiting[end].entries.count <= Self.batch {
            size += self.waiting[end].entries.count
            end += 1
        }
        self.underWay = Array(self.waiting[..<end])
        self.waiting.removeFirst(end)
        return self.underWay.flatMap(\.entries)
    }

    /// Those who waited for what is on the disk now.
    mutating func written(hasRoom: Bool) -> [Waiter] {
        defer { self.underWay = [] }
        (self.hasFailed, self.hasRoom) = (false, hasRoom)
        for item in self.underWay {
            self.count -= item.entries.count
            if item.waiter == nil { self.unattended -= item.entries.count }
        }
        return self.underWay.compactMap(\.waiter)
    }

    /// Those who have to be told that what they asked for was not recorded: all who wait, since the next try may take as long.
    mutating func failed() -> [Waiter] {
        self.hasFailed = true
        let items = self.underWay + self.waiting
        self.underWay = []
        self.waiting = items.filter { $0.waiter == nil }
        self.count = self.unattended
        return items.compactMap(\.waiter)
    }

    /// Whether somebody waits for the next transaction.
    var isAwaited: Bool { self.waiting.contains { $0.waiter != nil } }
}
