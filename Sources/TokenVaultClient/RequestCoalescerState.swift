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

    /// A call waits for its time.
    struct Pause: Sendable {
        var key: Key
        var end: Instant
    }

    /// What has to be done about the calls that wait.
    struct Next: Sendable {
        var starts: [Start] = []
        /// Ask ``pauseIsOver(_:now:)`` at its end.
        ///
        /// A call may be able to begin sooner: whoever comes meanwhile has the time looked at too.
        var pause: Pause?
        /// Ask ``expire(now:)`` at this time.
        var check: Instant?
    }

    /// A caller that is taken out, unless it was told its answer already, and the task of its call if nobody waits for
    /// that now.
    struct Leave: Sendable {
        var caller: Caller?
        var abandoned: Task<Void, Never>?
    }

    /// How a call came to its end.
    enum Outcome: Sendable {
        case answered
        /// It brought an error, which says nothing about how long a call takes that does not.
        case failed
        /// What was asked refuses to be asked so often.
        case throttled
    }

    private struct Waiter {
        var caller: Caller
        var deadline: Instant?
        /// How many calls were throttled that it shared.
        var throttled = 0
    }

    private struct Call {
        var key: Key
        var work: Work
        var start: Instant?
        var isRunning: Bool { self.start != nil }
        var task: Task<Void, Never>?
    }

    /// Those who ask for the same.
    private struct Line {
        var pace = CallPace()
        /// The call that has not begun, which a new caller joins.
        var open: ID?
        /// Whether that waits for its time, and not for a place.
        var isPausing = false
        /// The end of its pause, as it was last seen; nil when it is a call's end that it waits for.
        var nextLook: Instant?
        /// When somebody looks at it at the latest.
        var pauseEnd: Instant?
        var running: [ID] = []
        /// How many wait for one of these calls.
        var crowd = 0

        /// Whether one more caller may be a reason for the call to begin: to see that costs less than to see whether it is.
        func mayProceed(now: Instant) -> Bool {
            self.isPausing && (self.nextLook.map { $0 <= now } ?? false || self.pace.isWhole(crowd: self.crowd))
        }

        var isEmpty: Bool { self.open == nil && self.running.isEmpty }
    }

    /// So many lines are remembered that nobody stands in, for as long as others do not take their place: there may be one for each visitor.
    private static var maxIdleLines: Int { 8 }
    /// Whoever has shared so many throttled calls is told so.
    ///
    /// From 2 ms on the distance is more than a quarter of a second then.
    private static var maxThrottled: Int { 7 }

    private let maxCalls: Int
    private let maxWaiting: Int
    private let sharing: Bool
    private var calls: [ID: Call] = [:]
    /// Who waits for each call; apart from the calls, since most that happens is that somebody comes.
    private var callers: [ID: [ID: Waiter]] = [:]
    private var runningCount = 0
    /// Calls that wait for a place, the oldest first; those that lost all their callers are in no table any more.
    private var waiting: [ID] = []
    private var firstWaiting = 0
    private var lines: [Key: Line] = [:]
    /// Lines that were empty, the latest last.
    private var idleLines: [Key] = []
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
        if let line = self.lines.index(forKey: key), let call = self.lines.values[line].open {
            self.callers[call, default: [:]][id] = waiter
            self.lines.values[line].crowd += 1
            if self.lines.values[line].mayProceed(now: now) { next = self.proceed(key, now: now) }
        } else {
            guard self.runningCount < self.maxCalls || self.calls.count - self.runningCount < self.maxWaiting else {
                throw .tooManyWaiting
            }
            self.calls[id] = Call(key: key, work: work)
            self.callers[id] = [id: waiter]
            if self.sharing {
                self.lines[key, default: Line()].open = id
                self.lines[key]?.crowd += 1
                next = self.proceed(key, now: now)
            } else {
                self.waiting.append(id)
                next = self.startWaiting(now: now)
            }
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
    /// The callers of one that was throttled wait for the next, with those who have come meanwhile.
    ///
    /// - Parameters:
    ///   - id: The call.
    ///   - outcome: How it came to that.
    ///   - nextID: Names the call that its callers may have to wait for instead.
    ///   - now: The time.
    /// - Returns: Those who have to be told, and what takes the place of the call.
    mutating func ended(
        _ id: ID,
        _ outcome: Outcome = .answered,
        nextID: ID,
        now: Instant
    ) -> (callers: [Caller], next: Next) {
        let call = self.calls.removeValue(forKey: id)
        var callers = self.callers.removeValue(forKey: id) ?? [:]
        self.runningCount -= 1
        var next = Next()
        if self.sharing, let call, let start = call.start {
            self.lines[call.key]?.running.removeAll { $0 == id }
            self.lines[call.key]?.crowd -= callers.count
            // One that was given up says nothing.
            if !callers.isEmpty {
                switch outcome {
                case .answered: self.lines[call.key]?.pace.callTook(now - start, now: now)
                case .failed: self.lines[call.key]?.pace.callFailed(now: now)
                case .throttled:
                    self.lines[call.key]?.pace.callThrottled(start: start, now: now)
                    self.returnToLine(&callers, of: call, nextID: nextID)
                }
            }
            if self.lines[call.key]?.isPausing ?? false { next = self.proceed(call.key, now: now) }
            self.leaveLine(call.key)
        }
        next.starts += self.startWaiting(now: now).starts
        return (callers.values.map(\.caller), next)
    }

    /// It is the end of a ``Next/pause``.
    mutating func pauseIsOver(_ pause: Pause, now: Instant) -> Next {
        if self.lines[pause.key]?.pauseEnd == pause.end { self.lines[pause.key]?.pauseEnd = nil }
        return self.lines[pause.key]?.isPausing ?? false ? self.proceed(pause.key, now: now) : Next()
    }

    /// Takes a caller out, wherever it waits.
    mutating func leave(_ id: ID) -> Leave {
        guard let place = self.place(of: id), let waiter = self.callers[place]?.removeValue(forKey: id) else {
            return Leave()
        }
        if self.sharing, let key = self.calls[place]?.key { self.lines[key]?.crowd -= 1 }
        guard let call = self.calls[place], self.callers[place]?.isEmpty ?? true else {
            return Leave(caller: waiter.caller)
        }
        if call.isRunning {
            // It counts until it has come to its end.
            return Leave(caller: waiter.caller, abandoned: call.task)
        }
        self.calls[place] = nil
        self.callers[place] = nil
        self.forgetThoseWhoLeft()
        if self.lines[call.key]?.open == place {
            self.lines[call.key]?.open = nil
            self.lines[call.key]?.isPausing = false
            self.leaveLine(call.key)
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

    /// Has the call of a line that has not begun wait for its time, or for a place; not more than half of the places are for calls that
    /// hang.
    private mutating func proceed(_ key: Key, now: Instant) -> Next {
        guard let line = self.lines[key], let open = line.open else { return Next() }
        let (current, served) = self.current(in: line, now: now)
        guard line.running.count - current < max(1, self.maxCalls / 2) else {
            // The end of one of these is its time.
            self.lines[key]?.isPausing = true
            self.lines[key]?.nextLook = nil
            return Next()
        }
        let pause = line.pace.pause(
            now: now,
            maxCalls: self.maxCalls,
            isIdle: current == 0,
            crowd: served + (self.callers[open]?.count ?? 0)
        )
        self.lines[key]?.isPausing = pause != nil
        guard let pause else {
            self.waiting.append(open)
            return self.startWaiting(now: now)
        }
        let end = now + pause
        self.lines[key]?.nextLook = end
        guard line.pauseEnd.map({ end < $0 }) ?? true else { return Next() }
        self.lines[key]?.pauseEnd = end
        return Next(pause: Pause(key: key, end: end))
    }

    /// The calls of a line that are under way and do not hang, and how many callers they have.
    private func current(in line: Line, now: Instant) -> (calls: Int, callers: Int) {
        line.running.reduce(into: (0, 0)) { sum, id in
            guard let start = self.calls[id]?.start, line.pace.isCurrent(start, now: now) else { return }
            sum.0 += 1
            sum.1 += self.callers[id]?.count ?? 0
        }
    }

    /// Has the callers of a throttled call wait for the next one, unless they have done so often enough.
    ///
    /// - Parameters:
    ///   - callers: Who are left when those are out.
    ///   - call: What they waited for.
    ///   - nextID: Names the next call, if there is none yet.
    private mutating func returnToLine(_ callers: inout [ID: Waiter], of call: Call, nextID: ID) {
        var patient: [ID: Waiter] = [:]
        for (id, var waiter) in callers where waiter.throttled + 1 < Self.maxThrottled {
            waiter.throttled += 1
            patient[id] = waiter
            callers[id] = nil
        }
        guard !patient.isEmpty else { return }
        self.lines[call.key]?.crowd += patient.count
        if let open = self.lines[call.key]?.open {
            self.callers[open, default: [:]].merge(patient) { waiter, _ in waiter }
        } else {
            self.calls[nextID] = Call(key: call.key, work: call.work)
            self.callers[nextID] = patient
            self.lines[call.key]?.open = nextID
            self.lines[call.key]?.isPausing = true
        }
    }

    /// Starts what has its time, as long as there are places.
    private mutating func startWaiting(now: Instant) -> Next {
        var next = Next()
        while self.runningCount < self.maxCalls, let id = self.firstInLine() {
            self.firstWaiting += 1
            guard let call = self.calls[id] else { continue }
            self.calls[id]?.start = now
            self.runningCount += 1
            if self.sharing, let line = self.lines[call.key] {
                let callers = self.callers[id]?.count ?? 0
                let served = self.current(in: line, now: now).callers
                self.lines[call.key]?.open = nil
                self.lines[call.key]?.running.append(id)
                self.lines[call.key]?.pace.callStarted(callers: callers, crowd: callers + served, now: now)
            }
            next.starts.append(Start(id: id, work: call.work))
        }
        return next
    }

    /// Forgets a line that nobody stands in, unless what is known of it is of use.
    private mutating func leaveLine(_ key: Key) {
        guard let line = self.lines[key], line.isEmpty else { return }
        assert(line.crowd == 0)
        self.idleLines.removeAll { $0 == key }
        guard line.pace.isWorthRemembering else {
            self.lines[key] = nil
            return
        }
        self.idleLines.append(key)
        guard self.idleLines.count > Self.maxIdleLines else { return }
        let oldest = self.idleLines.removeFirst()
        if self.lines[oldest]?.isEmpty ?? false { self.lines[oldest] = nil }
    }

    /// Keeps the queue short where calls lose their callers again and again, and none can begin; at a constant cost a caller.
    private mutating func forgetThoseWhoLeft() {
        guard self.waiting.count > 2 * self.calls.count + 32 else { return }
        self.waiting = self.waiting[self.firstWaiting...].filter { self.calls[$0].map { !$0.isRunning } ?? false }
        self.firstWaiting = 0
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
