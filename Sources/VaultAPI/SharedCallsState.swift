/// Who waits for which call of one key: the rules of ``SharedCalls`` as a plain value.
///
/// `Caller` is whatever has to be told the answer, `Work` whatever makes a call. Every method takes constant time, or
/// time in proportion to the calls that run, however many callers wait.
struct SharedCallsState<Caller: Sendable, Work: Sendable>: Sendable {
    /// Names a caller, and also the call that this caller was the first to ask for.
    typealias ID = UInt64

    /// A call that has to be started now.
    struct Start: Sendable {
        var id: ID
        var work: Work
    }

    /// What has to be done about a call that waits.
    enum Next: Sendable {
        case start(Start)
        /// Ask ``paceIsOver(now:)`` after this time.
        case pause(Duration)
    }

    private struct Call {
        var work: Work
        var callers: [ID: Caller]
        var start: ContinuousClock.Instant?
        var isRunning: Bool { self.start != nil }
        var task: Task<Void, Never>?
    }

    private let maxCalls: Int
    private let sharing: Bool
    private var calls: [ID: Call] = [:]
    private var runningCount = 0
    /// Calls that wait to be started, the oldest first; those that lost all their callers are in no table any more.
    private var waiting: [ID] = []
    private var firstWaiting = 0
    /// The waiting call that a new caller joins.
    private var joinable: ID?
    private var pace = CallPace()
    private var isPausing = false

    init(maxCalls: Int, sharing: Bool) {
        self.maxCalls = max(1, maxCalls)
        self.sharing = sharing
    }

    /// Whether no call runs and nobody waits.
    var isIdle: Bool { self.calls.isEmpty }

    var callerCount: Int { self.calls.values.reduce(0) { $0 + $1.callers.count } }

    /// Puts a caller to a call that has not begun.
    ///
    /// - Returns: What has to be done, if that call can begin already.
    mutating func arrive(_ caller: Caller, id: ID, work: Work, now: ContinuousClock.Instant) -> Next? {
        if let joinable = self.joinable {
            self.calls[joinable]?.callers[id] = caller
            return nil
        }
        self.calls[id] = Call(work: work, callers: [id: caller])
        self.waiting.append(id)
        if self.sharing {
            self.joinable = id
        }
        return self.next(now: now)
    }

    /// Keeps the task of a call that was started.
    ///
    /// - Returns: Whether all callers have left already, so that the task has to be cancelled.
    mutating func started(_ id: ID, task: Task<Void, Never>) -> Bool {
        self.calls[id]?.task = task
        return self.calls[id]?.callers.isEmpty ?? false
    }

    /// Ends a call, with an answer or with an error.
    ///
    /// - Returns: Those who have to be told, and the call that takes its place.
    mutating func ended(_ id: ID, now: ContinuousClock.Instant) -> (callers: [Caller], next: Next?) {
        let call = self.calls.removeValue(forKey: id)
        self.runningCount -= 1
        if let start = call?.start {
            self.pace.callTook(now - start)
        }
        return (call.map { Array($0.callers.values) } ?? [], self.next(now: now))
    }

    /// The time of a ``Next/pause(_:)`` is over.
    ///
    /// - Returns: What has to be done, if a call waits still.
    mutating func paceIsOver(now: ContinuousClock.Instant) -> Next? {
        self.isPausing = false
        return self.next(now: now)
    }

    /// Takes a caller out, wherever it waits.
    ///
    /// - Returns: The caller, unless it was told its answer already, and the task of its call if nobody waits for that now.
    mutating func leave(_ id: ID) -> (caller: Caller?, abandoned: Task<Void, Never>?) {
        guard let place = self.place(of: id), let caller = self.calls[place]?.callers.removeValue(forKey: id) else {
            return (nil, nil)
        }
        guard let call = self.calls[place], call.callers.isEmpty else { return (caller, nil) }
        if call.isRunning {
            // It counts until it has come to its end.
            return (caller, call.task)
        }
        self.calls[place] = nil
        if self.joinable == place {
            self.joinable = nil
        }
        return (caller, nil)
    }

    private func place(of id: ID) -> ID? {
        if self.calls[id]?.callers[id] != nil {
            return id
        }
        // Without sharing every caller has a call to itself; with it there is one waiting call and few that run.
        guard self.sharing else { return nil }
        return self.calls.first { $0.value.callers[id] != nil }?.key
    }

    private mutating func next(now: ContinuousClock.Instant) -> Next? {
        guard self.runningCount < self.maxCalls, !self.isPausing else { return nil }
        if self.sharing, self.firstWaiting < self.waiting.count,
            let pause = self.pace.pause(now: now, maxCalls: self.maxCalls, isIdle: self.runningCount == 0)
        {
            self.isPausing = true
            return .pause(pause)
        }
        guard let id = self.nextWaiting(), let call = self.calls[id] else { return nil }
        self.calls[id]?.start = now
        self.runningCount += 1
        self.pace.callStarted(callers: call.callers.count, now: now)
        if self.joinable == id {
            self.joinable = nil
        }
        return .start(Start(id: id, work: call.work))
    }

    private mutating func nextWaiting() -> ID? {
        while self.firstWaiting < self.waiting.count {
            let id = self.waiting[self.firstWaiting]
            self.firstWaiting += 1
            // Moving the rest up once in a while keeps the queue short at a constant cost a caller.
            if self.firstWaiting * 2 > self.waiting.count {
                self.waiting.removeFirst(self.firstWaiting)
                self.firstWaiting = 0
            }
            if self.calls[id] != nil {
                return id
            }
        }
        return nil
    }
}
