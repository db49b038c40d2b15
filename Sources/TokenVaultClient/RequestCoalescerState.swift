/// Who waits for which call: the rules of ``RequestCoalescer`` as a plain value.
///
/// `Caller` is whatever has to be told the answer, `Work` whatever makes a call. Every method takes constant time, or
/// time in proportion to the calls that run, however many callers wait; only ``expire(now:)`` looks at each of them.
struct RequestCoalescerState<Key: Hashable & Sendable, Caller: Sendable, Work: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant
    /// Names a caller, and also the call that this caller was the first to ask for.
    typealias ID = UInt64

    /// A call that has to be started now.
    struct Start: Sendable {
        var id: ID
        var work: Work
    }

    /// What has to be done about the calls that wait.
    struct Next: Sendable {
        var starts: [Start] = []
        /// Ask ``pauseIsOver(_:now:)`` at this time.
        ///
        /// It may be later than that at which a call could begin: whoever comes meanwhile has the time looked at too.
        var pauseEnd: Instant?
        /// Ask ``expire(now:)`` at this time.
        var check: Instant?
    }

    /// A caller that is taken out, unless it was told its answer already, and the task of its call if nobody waits for
    /// that now.
    struct Leave: Sendable {
        var caller: Caller?
        var abandoned: Task<Void, Never>?
    }

    private struct Waiter {
        var caller: Caller
        var deadline: Instant?
    }

    private struct Call {
        var key: Key
        var work: Work
        var start: Instant?
        var isRunning: Bool { self.start != nil }
        var task: Task<Void, Never>?
    }

    private let maxCalls: Int
    private let maxWaiting: Int
    private let sharing: Bool
    private var calls: [ID: Call] = [:]
    /// Who waits for each call; apart from the calls, since most that happens is that somebody comes.
    private var callers: [ID: [ID: Waiter]] = [:]
    private var runningCount = 0
    /// Calls that wait to be started, the oldest first; those that lost all their callers are in no table any more.
    private var waiting: [ID] = []
    private var firstWaiting = 0
    /// For each key the waiting call that a new caller joins.
    private var joinable: [Key: ID] = [:]
    private var pace = CallPace()
    /// When the next call may begin at the latest, if nobody comes; nil while none has to wait for its time.
    private var pauseEnd: Instant?
    /// How many callers there are, whether their calls run or wait.
    private var crowd = 0
    /// When somebody looks whose time is over; never later than the earliest deadline.
    private var nextCheck: Instant?

    init(maxCalls: Int, maxWaiting: Int, sharing: Bool) {
        self.maxCalls = max(1, maxCalls)
        self.maxWaiting = maxWaiting
        self.sharing = sharing
    }

    /// The calls that run or wait.
    var callCount: Int { self.calls.count }

    func callerCount(for key: Key) -> Int {
        self.calls.reduce(0) { $0 + ($1.value.key == key ? self.callers[$1.key]?.count ?? 0 : 0) }
    }

    /// Puts a caller to a call that has not begun.
    ///
    /// - Throws: ``RequestCoalescerError/tooManyWaiting`` when it would take another call, and there are enough of them.
    mutating func arrive(
        _ caller: Caller,
        id: ID,
        key: Key,
        deadline: Instant?,
        work: Work,
        now: Instant
    ) throws(RequestCoalescerError) -> Next {
        let waiter = Waiter(caller: caller, deadline: deadline)
        var next = Next()
        if let call = self.joinable[key] {
            self.callers[call, default: [:]][id] = waiter
            self.crowd += 1
            if self.pauseEnd != nil { next = self.next(now: now) }
        } else {
            guard self.runningCount < self.maxCalls || self.calls.count - self.runningCount < self.maxWaiting else {
                throw .tooManyWaiting
            }
            self.calls[id] = Call(key: key, work: work)
            self.callers[id] = [id: waiter]
            self.crowd += 1
            self.waiting.append(id)
            if self.sharing {
                self.joinable[key] = id
            }
            next = self.next(now: now)
        }
        if let deadline, deadline < self.nextCheck ?? deadline + .seconds(1) {
            self.nextCheck = deadline
            next.check = deadline
        }
        return next
    }

    /// Keeps the task of a call that was started.
    ///
    /// - Returns: Whether all callers have left already, so that the task has to be cancelled.
    mutating func started(_ id: ID, task: Task<Void, Never>) -> Bool {
        self.calls[id]?.task = task
        return self.callers[id]?.isEmpty ?? false
    }

    /// Ends a call.
    ///
    /// - Parameters:
    ///   - id: The call.
    ///   - failed: Whether it brought an error. A vault that hangs says nothing about how long it takes otherwise.
    ///   - now: The time.
    /// - Returns: Those who have to be told, and what takes the place of the call.
    mutating func ended(_ id: ID, failed: Bool = false, now: Instant) -> (callers: [Caller], next: Next) {
        let call = self.calls.removeValue(forKey: id)
        let callers = self.callers.removeValue(forKey: id)
        self.crowd -= callers?.count ?? 0
        self.runningCount -= 1
        if failed {
            self.pace.callFailed(now: now)
        } else if let start = call?.start {
            self.pace.callTook(now - start, now: now)
        }
        return (callers.map { $0.values.map(\.caller) } ?? [], self.next(now: now))
    }

    /// It is the time of a ``Next/pauseEnd``.
    mutating func pauseIsOver(_ end: Instant, now: Instant) -> Next {
        if self.pauseEnd == end { self.pauseEnd = nil }
        return self.next(now: now)
    }

    /// Takes a caller out, wherever it waits.
    mutating func leave(_ id: ID) -> Leave {
        guard let place = self.place(of: id), let waiter = self.callers[place]?.removeValue(forKey: id) else {
            return Leave()
        }
        self.crowd -= 1
        guard let call = self.calls[place], self.callers[place]?.isEmpty ?? true else {
            return Leave(caller: waiter.caller)
        }
        if call.isRunning {
            // It counts until it has come to its end.
            return Leave(caller: waiter.caller, abandoned: call.task)
        }
        self.calls[place] = nil
        self.callers[place] = nil
        if self.joinable[call.key] == place {
            self.joinable[call.key] = nil
        }
        return Leave(caller: waiter.caller)
    }

    /// Takes out everybody whose time is over.
    ///
    /// - Returns: Who has to be told so, and when to ask again.
    mutating func expire(now: Instant) -> (leaves: [Leave], check: Instant?) {
        var late: [ID] = []
        var earliest: Instant?
        for (id, waiter) in self.callers.values.lazy.flatMap({ $0 }) {
            guard let deadline = waiter.deadline else { continue }
            if deadline <= now {
                late.append(id)
            } else {
                earliest = min(earliest ?? deadline, deadline)
            }
        }
        let leaves = late.map { self.leave($0) }
        // Somebody who came with an earlier deadline may have asked for a look of their own.
        guard let nextCheck = self.nextCheck, nextCheck <= now else { return (leaves, nil) }
        self.nextCheck = earliest
        return (leaves, earliest)
    }

    private func place(of id: ID) -> ID? {
        if self.callers[id]?[id] != nil {
            return id
        }
        // Without sharing every caller has a call to itself; with it few run, and for each key one waits.
        guard self.sharing else { return nil }
        return self.callers.first { $0.value[id] != nil }?.key
    }

    private mutating func next(now: Instant) -> Next {
        var next = Next()
        let everybodyWaits = self.runningCount == 0 && self.pace.isWhole(crowd: self.crowd)
        while self.runningCount < self.maxCalls, let id = self.firstInLine() {
            if self.sharing, !everybodyWaits,
                let pause = self.pace.pause(
                    now: now,
                    maxCalls: self.maxCalls,
                    isIdle: self.runningCount == 0,
                    crowd: self.crowd
                )
            {
                let end = now + max(pause, CallPace.leastDistance)
                if self.pauseEnd.map({ end < $0 }) ?? true {
                    self.pauseEnd = end
                    next.pauseEnd = end
                }
                break
            }
            self.firstWaiting += 1
            guard let call = self.calls[id] else { continue }
            self.calls[id]?.start = now
            self.runningCount += 1
            self.pace.callStarted(callers: self.callers[id]?.count ?? 0, crowd: self.crowd, now: now)
            if self.joinable[call.key] == id {
                self.joinable[call.key] = nil
            }
            next.starts.append(Start(id: id, work: call.work))
        }
        return next
    }

    /// The oldest call that waits.
    private mutating func firstInLine() -> ID? {
        while self.firstWaiting < self.waiting.count, self.calls[self.waiting[self.firstWaiting]] == nil {
            self.firstWaiting += 1
        }
        // Moving the rest up once in a while keeps the queue short at a constant cost a caller.
        if self.firstWaiting * 2 > self.waiting.count {
            self.waiting.removeFirst(self.firstWaiting)
            self.firstWaiting = 0
        }
        return self.firstWaiting < self.waiting.count ? self.waiting[self.firstWaiting] : nil
    }
}
