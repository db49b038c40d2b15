import Foundation
import Glibc
import Locking

/// What waits for a connection, and the threads that have one.
final class PostgresQueue: Sendable {
    private struct State {
        var jobs: [PostgresJob] = []
        var lastNumber = 0
        /// Threads with a connection, and those of them that wait for a job, or are about to.
        var connected = 0
        var idle = 0
        /// Threads without one that wait for more jobs than the others can take.
        var spare = 0
        var threads = 0
        var isReaping = false
        var isStopped = false
    }

    private let connector: PostgresConnector
    private let limit: Int
    private let state = Mutex(State())
    /// Its lock is held while a thread looks whether it has to wait, and while somebody tells it that it has not.
    private let forIdle = NSCondition()
    private let forSpare = NSCondition()

    /// After a connection that could not be made.
    private static let pause: UInt32 = 200_000

    init(connector: PostgresConnector, limit: Int) {
        self.connector = connector
        self.limit = limit
    }

    func nextNumber() -> Int {
        self.state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    func add(_ job: PostgresJob) {
        let (isStarting, reaps) = self.state.withLock { state in
            state.jobs.append(job)
            let isStarting = self.wantsThread(state)
            if isStarting { state.threads += 1 }
            defer { state.isReaping = true }
            return (isStarting, !state.isReaping)
        }
        if isStarting { PostgresThreads.shared.start({ self.work() }, stop: { self.stop() }) }
        if reaps { Task { await self.reap() } }
        self.wake()
    }

    func cancel(_ number: Int) {
        let job = self.state.withLock { state in
            state.jobs.firstIndex { $0.number == number }.map { state.jobs.remove(at: $0) }
        }
        job?.fail(CancellationError())
    }

    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.wake(all: true)
    }

    private func wantsThread(_ state: State) -> Bool {
        state.jobs.count > state.idle + state.spare && state.threads < self.limit
    }

    private func wake(all: Bool = false) {
        for condition in [self.forIdle, self.forSpare] {
            condition.lock()
            if all { condition.broadcast() } else { condition.signal() }
            condition.unlock()
        }
    }

    /// Tells those that it is too late who have waited too long.
    private func reap() async {
        while true {
            let (late, next) = self.state.withLock { state in
                let now = ContinuousClock.now
                let late = state.jobs.filter { $0.deadline <= now }
                state.jobs.removeAll { $0.deadline <= now }
                let next = state.jobs.map(\.deadline).min()
                state.isReaping = next != nil
                return (late, next)
            }
            for job in late { job.fail(PostgresFailure.late) }
            guard let next else { return }
            // One with an earlier deadline may come meanwhile.
            try? await Task.sleep(until: min(next, .now + .milliseconds(200)), clock: .continuous)
        }
    }

    // The rest is what a thread does.

    private func work() {
        while self.waitUntilWanted() {
            do {
                let connection = try self.connector.connect()
                self.state.withLock { $0.connected += 1 }
                self.serve(connection)
                self.state.withLock { $0.connected -= 1 }
            } catch {
                self.fail(error)
                usleep(Self.pause)
            }
        }
        self.state.withLock { $0.threads -= 1 }
    }

    /// Waits until there is more to do than others are free for; false when there will be nothing any more.
    private func waitUntilWanted() -> Bool {
        self.forSpare.lock()
        defer { self.forSpare.unlock() }
        self.state.withLock { $0.spare += 1 }
        while true {
            let isWanted = self.state.withLock { state -> Bool? in
                guard state.isStopped || state.jobs.count > state.idle else { return nil }
                state.spare -= 1
                return !state.isStopped
            }
            if let isWanted { return isWanted }
            self.forSpare.wait()
        }
    }

    private func serve(_ connection: PostgresConnection) {
        self.state.withLock { $0.idle += 1 }
        while let job = self.nextJob() {
            guard connection.isUsable else {
                self.state.withLock { $0.jobs.insert(job, at: 0) }
                self.wake()
                return
            }
            let tell = job.run(connection)
            let isFree = !connection.isBroken
            // Before anybody hears of the end: for what they ask next, this connection is there.
            if isFree { self.state.withLock { $0.idle += 1 } }
            tell()
            guard isFree else { return }
        }
    }

    /// Waits for a job; nil when there will be none any more.
    ///
    /// The thread counts as idle already, and until it has one.
    private func nextJob() -> PostgresJob? {
        self.forIdle.lock()
        defer { self.forIdle.unlock() }
        while true {
            let next = self.state.withLock { state -> PostgresJob?? in
                guard state.isStopped || !state.jobs.isEmpty else { return nil }
                state.idle -= 1
                return .some(state.jobs.isEmpty ? nil : state.jobs.removeFirst())
            }
            if let next { return next }
            self.forIdle.wait()
        }
    }

    /// Everybody who waits would wait in vain, unless another thread has a connection.
    private func fail(_ error: any Error) {
        let jobs = self.state.withLock { state -> [PostgresJob] in
            guard state.connected == 0 else { return [] }
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.fail(error) }
    }
}
