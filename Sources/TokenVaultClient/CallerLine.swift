/// Those who ask for the same: the call that has not begun, which whoever comes joins, and those that run.
///
/// Where nobody shares calls, a line has one caller.
struct CallerLine<Key: Hashable & Sendable, Caller: Sendable, Work: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant
    /// Names a caller, and also the call that this caller was the first to ask for; one that is made again has a name of its own.
    typealias ID = UInt64

    struct Waiter: Sendable {
        var caller: Caller
        var deadline: Instant?
        /// When a call was refused that it shared, because the vault is asked too often.
        var firstRefusal: Instant?
    }

    struct Call: Sendable {
        let id: ID
        let work: Work
        var waiters: [ID: Waiter]
        /// Nil until it begins.
        fileprivate(set) var start: Instant?
        fileprivate var task: Task<Void, Never>?

        /// Asks it to come to its end, since nobody waits for it.
        func cancel() { self.task?.cancel() }
    }

    /// How a call came to its end.
    enum Outcome: Sendable {
        case answered
        /// It brought an error, which says nothing about how long a call takes that does not.
        case failed
        /// The vault refuses to be asked so often.
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

    /// Whoever has met one refusal after the other for so long is told of it.
    private static var patience: Duration { .milliseconds(500) }

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
    var isWorthRemembering: Bool { self.pace.isShared }

    /// Whether one more caller may be a reason for the call to begin, which costs less to see than whether it is.
    ///
    /// When another call comes to count as one that hangs, it is seen at the end of the pause.
    func mayBegin(now: Instant) -> Bool {
        self.isPausing && (self.nextLook.map { $0 <= now } ?? false || self.pace.isWhole(crowd: self.crowd))
    }

    var waiters: some Sequence<(key: ID, value: Waiter)> {
        ([self.open].compactMap(\.self) + self.running).lazy.flatMap(\.waiters)
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
    mutating func end(_ id: ID, _ outcome: Outcome, now: Instant) -> Call? {
        guard let index = self.running.firstIndex(where: { $0.id == id }) else { return nil }
        let call = self.running.remove(at: index)
        self.crowd -= call.waiters.count
        // One that was given up says nothing.
        guard !call.waiters.isEmpty, let start = call.start else { return call }
        switch outcome {
        case .answered: self.pace.callTook(now - start, now: now)
        case .failed, .throttled: self.pace.callFailed(now: now)
        }
        return call
    }

    /// Has the callers of a throttled call wait for the next one, unless they have done so for long enough.
    ///
    /// - Parameters:
    ///   - call: What has ended.
    ///   - nextID: Names the next call, if there is none yet.
    ///   - now: The time.
    /// - Returns: Who has to be told.
    mutating func takeBack(_ call: Call, nextID: ID, now: Instant) -> [Caller] {
        var patient: [ID: Waiter] = [:]
        var impatient: [Caller] = []
        for (id, var waiter) in call.waiters {
            let firstRefusal = waiter.firstRefusal ?? now
            if now - firstRefusal < Self.patience {
                waiter.firstRefusal = firstRefusal
                patient[id] = waiter
            } else {
                impatient.append(waiter.caller)
            }
        }
        guard !patient.isEmpty else { return impatient }
        self.crowd += patient.count
        if self.open == nil {
            self.open = Call(id: nextID, work: call.work, waiters: patient)
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
