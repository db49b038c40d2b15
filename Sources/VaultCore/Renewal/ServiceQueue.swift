/// Whose turn it is to call the provider of a service: so many at a time, and those whom somebody waits for first.
package struct ServiceQueue<ID: Hashable & Sendable>: Sendable {
    private let limit: Int
    /// The sweep leaves room for readers, whose tokens are in no queue then.
    private let sweepLimit: Int
    private var running: [ID: Bool] = [:]
    private var urgent: [ID] = []
    private var sweep: [ID] = []

    package init(limit: Int) {
        self.limit = max(1, limit)
        self.sweepLimit = max(1, limit - 2)
    }

    package var runningCount: Int { self.running.count }

    package var hasSweepWaiting: Bool { !self.sweep.isEmpty }

    /// - Returns: Those that may call now.
    package mutating func enter(_ id: ID, isUrgent: Bool) -> [ID] {
        if isUrgent { self.urgent.append(id) } else { self.sweep.append(id) }
        return self.next()
    }

    /// Somebody waits now for what the sweep had in line.
    package mutating func hurry(_ id: ID) -> [ID] {
        guard let place = self.sweep.firstIndex(of: id) else { return [] }
        self.urgent.append(self.sweep.remove(at: place))
        return self.next()
    }

    package mutating func leave(_ id: ID) -> [ID] {
        self.running[id] = nil
        return self.next()
    }

    private mutating func next() -> [ID] {
        var started: [ID] = []
        while self.running.count < self.limit, !self.urgent.isEmpty {
            let id = self.urgent.removeFirst()
            self.running[id] = true
            started.append(id)
        }
        while self.running.count < self.limit, !self.sweep.isEmpty,
            self.running.values.lazy.filter({ !$0 }).count < self.sweepLimit
        {
            let id = self.sweep.removeFirst()
            self.running[id] = false
            started.append(id)
        }
        return started
    }
}
