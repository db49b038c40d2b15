/// Who waits for which call: the rules of ``RequestCoalescer`` as a plain value.
///
/// `Caller` is whatever has to be told the answer, `Work` whatever makes a call. Every method takes constant time, or
/// time in proportion to the calls that run, however many callers wait; only ``expire(now:)`` looks at each of them, and the end of
/// a call at those whom it concerns.
struct RequestCoalescerState<Key: Hashable & Sendable, Caller: Sendable, Work: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Line = CallerLine<Key, Caller, Work>
    typealias ID = Line.ID

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
        /// A call may be able to begin sooner: whoever comes meanwhile has the time looked at too, where that may matter.
        var pause: Pause?
        /// Ask ``throttleIsOver(now:)`` at this time.
        var throttle: Instant?
        /// Ask ``expire(now:)`` at this time.
        var check: Instant?

        fileprivate mutating func add(_ next: Next) {
            self.starts += next.starts
            self.pause = self.pause ?? next.pause
            self.throttle = self.throttle ?? next.throttle
        }
    }

    /// A caller that is taken out, unless it was told its answer already, and its call if that runs and nobody waits for it now.
    struct Leave: Sendable {
        var caller: Caller?
        var abandoned: Line.Call?
    }

    /// So many lines are remembered that nobody stands in, for as long as others do not take their place: there may be one for each visitor.
    private static var maxIdleLines: Int { 8 }

    private let maxCalls: Int
    private let maxWaiting: Int
    private let sharing: Bool
    /// In places that they keep, since that of each page would be looked up several times.
    private var lines: [Line] = []
    private var freePlaces: [Int] = []
    /// The places of lines that others can join.
    private var placeOfKey: [Key: Int] = [:]
    /// The places of the calls that run or wait.
    private var placeOfCall: [ID: Int] = [:]
    /// Places of lines that were empty, the latest last.
    private var idlePlaces: [Int] = []
    private var runningCount = 0
    /// Calls that may begin, the oldest first; those that lost all their callers have no place any more.
    private var waiting: [ID] = []
    private var firstWaiting = 0
    private var throttle = CallThrottle()
    /// When somebody looks whether they may begin, who wait because of that; never later than they may.
    private var throttleEnd: Instant?
    /// When somebody looks whose time is over; never later than the earliest deadline.
    private var nextCheck: Instant?

    init(maxCalls: Int, maxWaiting: Int, sharing: Bool) {
        self.maxCalls = max(1, maxCalls)
        self.maxWaiting = maxWaiting
        self.sharing = sharing
    }

    /// The calls that run or wait.
    var callCount: Int { self.placeOfCall.count }

    func callerCount(for key: Key) -> Int {
        self.lines.reduce(0) { $0 + ($1.key == key ? $1.crowd : 0) }
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
        let waiter = Line.Waiter(caller: caller, deadline: deadline)
        let place = self.sharing ? self.placeOfKey[key] : nil
        var next = Next()
        if let place, self.lines[place].open != nil {
            self.lines[place].join(waiter, id: id)
            if self.lines[place].mayBegin(now: now) { next = self.proceed(at: place, now: now) }
        } else {
            let mayBegin = self.runningCount < self.maxCalls && self.throttleEnd == nil
            guard mayBegin || self.callCount - self.runningCount < self.maxWaiting else { throw .tooManyWaiting }
            let place = place ?? self.newLine(key)
            self.lines[place].open(waiter, id: id, work: work)
            self.placeOfCall[id] = place
            next = self.sharing ? self.proceed(at: place, now: now) : self.start(id, now: now)
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
        guard let place = self.placeOfCall[id] else { return false }
        return self.lines[place].keep(task, of: id)
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
        _ outcome: Line.Outcome = .answered,
        nextID: ID,
        now: Instant
    ) -> (callers: [Caller], next: Next) {
        guard let place = self.placeOfCall.removeValue(forKey: id) else { return ([], Next()) }
        self.runningCount -= 1
        guard let call = self.lines[place].end(id, outcome, now: now), let start = call.start else {
            return ([], Next())
        }
        if outcome == .answered { self.throttle.answered(start: start) }
        if outcome == .throttled { self.throttle.refused(start: start, now: now) }
        let callers =
            outcome == .throttled
            ? self.takeBack(call, at: place, nextID: nextID, now: now)
            : call.waiters.values.map(\.caller)
        var next = self.lines[place].isPausing ? self.proceed(at: place, now: now) : Next()
        self.leaveLine(at: place)
        next.add(self.startWaiting(now: now))
        return (callers, next)
    }

    /// Has the callers of a throttled call wait for the next one, before all others.
    private mutating func takeBack(_ call: Line.Call, at place: Int, nextID: ID, now: Instant) -> [Caller] {
        let impatient = self.lines[place].takeBack(call, nextID: nextID, now: now)
        if self.lines[place].open?.id == nextID {
            self.placeOfCall[nextID] = place
            self.waiting.insert(nextID, at: self.firstWaiting)
        }
        return impatient
    }

    /// It is the time of a ``Next/throttle``.
    mutating func throttleIsOver(now: Instant) -> Next {
        self.throttleEnd = nil
        return self.startWaiting(now: now)
    }

    /// It is the end of a ``Next/pause``.
    mutating func pauseIsOver(_ pause: Pause, now: Instant) -> Next {
        guard let place = self.placeOfKey[pause.key] else { return Next() }
        self.lines[place].pauseIsOver(pause.end)
        return self.lines[place].isPausing ? self.proceed(at: place, now: now) : Next()
    }

    /// Takes a caller out, wherever it waits.
    mutating func leave(_ id: ID) -> Leave {
        guard let place = self.place(ofCaller: id) else { return Leave() }
        return self.leave(id, at: place)
    }

    private mutating func leave(_ id: ID, at place: Int) -> Leave {
        guard let (waiter, abandoned) = self.lines[place].leave(id) else { return Leave() }
        guard let abandoned, abandoned.start == nil else {
            return Leave(caller: waiter.caller, abandoned: abandoned)
        }
        self.placeOfCall[abandoned.id] = nil
        self.forgetThoseWhoLeft()
        self.leaveLine(at: place)
        return Leave(caller: waiter.caller)
    }

    /// Takes out everybody whose time is over.
    ///
    /// - Returns: Who has to be told so, and when to ask again.
    mutating func expire(now: Instant) -> (leaves: [Leave], check: Instant?) {
        var late: [(id: ID, place: Int)] = []
        var earliest: Instant?
        for place in self.lines.indices {
            for (id, waiter) in self.lines[place].waiters {
                guard let deadline = waiter.deadline else { continue }
                if deadline <= now {
                    late.append((id, place))
                } else {
                    earliest = min(earliest ?? deadline, deadline)
                }
            }
        }
        let leaves = late.map { self.leave($0.id, at: $0.place) }
        // Somebody who came with an earlier deadline may have asked for a look of their own.
        guard let nextCheck = self.nextCheck, nextCheck <= now else { return (leaves, nil) }
        self.nextCheck = earliest
        return (leaves, earliest)
    }

    private func place(ofCaller id: ID) -> Int? {
        if let place = self.placeOfCall[id], self.lines[place].contains(id) {
            return place
        }
        // Whoever shares the call of another, or waits for one that is made again.
        return self.lines.firstIndex { $0.contains(id) }
    }

    // MARK: Calls

    /// Has the call of a line that has not begun wait for its time, or for a place.
    private mutating func proceed(at place: Int, now: Instant) -> Next {
        guard let open = self.lines[place].open else { return Next() }
        switch self.lines[place].step(now: now, maxCalls: self.maxCalls) {
        case .begin: return self.start(open.id, now: now)
        case .pause(let end): return Next(pause: self.lines[place].key.map { Pause(key: $0, end: end) })
        case .wait: return Next()
        }
    }

    /// Starts a call when it may.
    private mutating func start(_ id: ID, now: Instant) -> Next {
        self.waiting.append(id)
        return self.startWaiting(now: now)
    }

    /// Starts what has its time, as long as there are places, and the vault does not refuse so many.
    private mutating func startWaiting(now: Instant) -> Next {
        var next = Next()
        while self.runningCount < self.maxCalls, let place = self.firstInLine() {
            if let end = self.throttle.end(now: now) {
                guard self.throttleEnd.map({ end < $0 }) ?? true else { return next }
                self.throttleEnd = end
                next.throttle = end
                return next
            }
            self.firstWaiting += 1
            guard let call = self.lines[place].begin(now: now) else { continue }
            self.runningCount += 1
            self.throttle.started(now: now)
            next.starts.append(Start(id: call.id, work: call.work))
        }
        return next
    }

    /// The place of the oldest call that may begin.
    private mutating func firstInLine() -> Int? {
        while self.firstWaiting < self.waiting.count, self.placeOfCall[self.waiting[self.firstWaiting]] == nil {
            self.firstWaiting += 1
        }
        // Moving the rest up once in a while keeps the queue short at a constant cost a caller.
        if self.firstWaiting * 2 > self.waiting.count {
            self.waiting.removeFirst(self.firstWaiting)
            self.firstWaiting = 0
        }
        return self.firstWaiting < self.waiting.count ? self.placeOfCall[self.waiting[self.firstWaiting]] : nil
    }

    /// Keeps the queue short where calls lose their callers again and again, and none can begin; at a constant cost a caller.
    private mutating func forgetThoseWhoLeft() {
        guard self.waiting.count > 2 * self.callCount + 32 else { return }
        self.waiting = self.waiting[self.firstWaiting...].filter { self.placeOfCall[$0] != nil }
        self.firstWaiting = 0
    }

    // MARK: Lines

    private mutating func newLine(_ key: Key) -> Int {
        let place = self.freePlaces.popLast() ?? self.lines.count
        if place == self.lines.count {
            self.lines.append(Line(key: key))
        } else {
            self.lines[place] = Line(key: key)
        }
        if self.sharing { self.placeOfKey[key] = place }
        return place
    }

    /// Forgets a line that nobody stands in, unless what is known of it is of use.
    private mutating func leaveLine(at place: Int) {
        guard self.lines[place].isEmpty else { return }
        assert(self.lines[place].crowd == 0)
        self.idlePlaces.removeAll { $0 == place }
        guard self.sharing, self.lines[place].isWorthRemembering else {
            self.forgetLine(at: place)
            return
        }
        self.idlePlaces.append(place)
        guard self.idlePlaces.count > Self.maxIdleLines else { return }
        let oldest = self.idlePlaces.removeFirst()
        if self.lines[oldest].isEmpty { self.forgetLine(at: oldest) }
    }

    private mutating func forgetLine(at place: Int) {
        if self.sharing, let key = self.lines[place].key { self.placeOfKey[key] = nil }
        self.lines[place] = Line()
        self.freePlaces.append(place)
    }
}
