/// Those who ask for the same: the call that has not begun, which whoever comes joins, and those that run.
///
/// Where nobody shares calls, a line has one caller.
struct CallerLine<Key: Hashable & Sendable, Caller: Sendable, Work: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant
    /// Names a caller, and also the call that this caller was the first to ask for.
    typealias ID = UInt64

    struct Waiter: Sendable {
        var caller: Caller
        var deadline: Instant?
        /// How many calls were throttled that it shared.
        var throttled = 0
    }

    struct Call: Sendable {
        let id: ID
        let work: Work
        var waiters: [ID: Waiter]
        fileprivate(set) var start: Instant?
        fileprivate var task: Task<Void, Never>?
    }

    /// How a call came to its end.
    enum Outcome: Sendable {
        case answered
        /// It brought an error, which says nothing about how long a call takes that does not.
        case failed
        /// What was asked refuses to be asked so often.
        case throttled
    }

    /// What the call that has not begun does next.
    enum Step: Equatable {
        /// It waits for nothing but a place.
        case begin
        /// It waits until somebody looks at it then.
        case pause(until: Instant)
        /// It waits, and somebody looks in time.
        case wait
    }

    /// Whoever has shared so many throttled calls is told so.
    ///
    /// From 2 ms on the distance is more than a quarter of a second then.
    private static var maxThrottled: Int { 7 }

    /// What they ask for; nil when nobody has come yet.
    let key: Key?
    private var pace = CallPace()
    private(set) var open: Call?
    private(set) var running: [Call] = []
    /// How many wait for one of these calls.
    private(set) var crowd = 0
    /// Whether the call that has not begun waits for its time, and not for a place.
    private(set) var isPausing = false
    /// The end of its pause, as it was last seen; nil when it is a call's end that it waits for.
    private var nextLook: Instant?
    /// When somebody looks at it at the latest.
    private var pauseEnd: Instant?

    init(key: Key? = nil) {
        self.key = key
    }

    var isEmpty: Bool { self.open == nil && self.running.isEmpty }

    /// Whether there is anything that the next caller after a break should heed.
    var isWorthRemembering: Bool { self.pace.isWorthRemembering }

    /// Whether one more caller may be a reason for the call to begin: to see that costs less than to see whether it is.
    func mayBegin(now: Instant) -> Bool {
        self.isPausing && (self.nextLook.map { $0 <= now } ?? false || self.pace.isWhole(crowd: self.crowd))
    }

    func contains(_ id: ID) -> Bool {
        self.open?.waiters[id] != nil || self.running.contains { $0.waiters[id] != nil }
    }

    // MARK: Coming and going

    /// Puts a caller to a new call.
    mutating func open(_ waiter: Waiter, id: ID, work: Work) {
        self.open = Call(id: id, work: work, waiters: [id: waiter])
        self.crowd += 1
    }

    /// Puts a caller to the call that has not begun.
    mutating func join(_ waiter: Waiter, id: ID) {
        self.open?.waiters[id] = waiter
        self.crowd += 1
    }

    /// Takes a caller out.
    ///
    /// - Returns: The caller, and the call if nobody waits for it now. One that runs counts until it has come to its end.
    mutating func leave(_ id: ID) -> (waiter: Waiter, abandoned: Call?)? {
        if let waiter = self.open?.waiters.removeValue(forKey: id) {
            self.crowd -= 1
            guard let open = self.open, open.waiters.isEmpty else { return (waiter, nil) }
            self.open = nil
            self.isPausing = false
            return (waiter, open)
        }
        for index in self.running.indices {
            guard let waiter = self.running[index].waiters.removeValue(forKey: id) else { continue }
            self.crowd -= 1
            return (waiter, self.running[index].waiters.isEmpty ? self.running[index] : nil)
        }
        return nil
    }

    // MARK: Calls

    /// Looks whether it is time for the call that has not begun; not more than half of the places are for calls that hang.
    mutating func step(now: Instant, maxCalls: Int) -> Step {
        let current = self.current(now: now)
        guard self.running.count - current.calls < max(1, maxCalls / 2) else {
            // The end of one of these is its time.
            self.isPausing = true
            self.nextLook = nil
            return .wait
        }
        let pause = self.pace.pause(
            now: now,
            maxCalls: maxCalls,
            isIdle: current.calls == 0,
            crowd: current.callers + (self.open?.waiters.count ?? 0)
        )
        self.isPausing = pause != nil
        guard let pause else { return .begin }
        let end = now + pause
        self.nextLook = end
        guard self.pauseEnd.map({ end < $0 }) ?? true else { return .wait }
        self.pauseEnd = end
        return .pause(until: end)
    }

    /// Somebody looks who was asked to at that time.
    mutating func pauseIsOver(_ end: Instant) {
        if self.pauseEnd == end { self.pauseEnd = nil }
    }

    /// Begins the call that has not begun.
    mutating func begin(now: Instant) -> Call? {
        guard var call = self.open else { return nil }
        self.open = nil
        self.pace.callStarted(
            callers: call.waiters.count,
            crowd: call.waiters.count + self.current(now: now).callers,
            now: now
        )
        call.start = now
        self.running.append(call)
        return call
    }

    /// Keeps the task of a call that runs.
    ///
    /// - Returns: Whether all callers have left already, so that the task has to be cancelled.
    mutating func keep(_ task: Task<Void, Never>, of id: ID) -> Bool {
        guard let index = self.running.firstIndex(where: { $0.id == id }) else { return false }
        self.running[index].task = task
        return self.running[index].waiters.isEmpty
    }

    /// Ends a call.
    ///
    /// - Parameters:
    ///   - id: The call.
    ///   - outcome: How it came to that.
    ///   - nextID: Names the call that the callers of a throttled one wait for, if there is none yet; nil where they do not wait.
    ///   - now: The time.
    /// - Returns: Who has to be told.
    mutating func end(_ id: ID, _ outcome: Outcome, nextID: ID?, now: Instant) -> [Caller] {
        guard let index = self.running.firstIndex(where: { $0.id == id }) else { return [] }
        let call = self.running.remove(at: index)
        self.crowd -= call.waiters.count
        // One that was given up says nothing.
        guard !call.waiters.isEmpty, let start = call.start else { return [] }
        switch outcome {
        case .answered: self.pace.callTook(now - start, now: now)
        case .failed: self.pace.callFailed(now: now)
        case .throttled:
            self.pace.callThrottled(start: start, now: now)
            if let nextID { return self.takeBack(call, nextID: nextID) }
        }
        return call.waiters.values.map(\.caller)
    }

    /// Has the callers of a throttled call wait for the next one, unless they have done so often enough.
    private mutating func takeBack(_ call: Call, nextID: ID) -> [Caller] {
        var patient: [ID: Waiter] = [:]
        var impatient: [Caller] = []
        for (id, var waiter) in call.waiters {
            waiter.throttled += 1
            if waiter.throttled < Self.maxThrottled {
                patient[id] = waiter
            } else {
                impatient.append(waiter.caller)
            }
        }
        guard !patient.isEmpty else { return impatient }
        self.crowd += patient.count
        if self.open == nil {
            self.open = Call(id: nextID, work: call.work, waiters: patient)
            self.isPausing = true
        } else {
            self.open?.waiters.merge(patient) { waiter, _ in waiter }
        }
        return impatient
    }

    /// The calls that are under way and do not hang, and how many callers they have.
    private func current(now: Instant) -> (calls: Int, callers: Int) {
        var current = (calls: 0, callers: 0)
        for call in self.running {
            guard let start = call.start, self.pace.isCurrent(start, now: now) else { continue }
            current.calls += 1
            current.callers += call.waiters.count
        }
        return current
    }
}

extension CallerLine.Call {
    /// Has nobody wait for it any more.
    func cancel() { self.task?.cancel() }
}
