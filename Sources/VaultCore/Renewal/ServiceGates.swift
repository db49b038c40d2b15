import Locking

/// Lets renewals call their providers, each service for itself: so many at a time, and none while its circuit is open.
final class ServiceGates: Sendable {
    private struct Gate {
        var queue: ServiceQueue<TokenKey>
        var circuit = ServiceCircuit()
        var waiting: [TokenKey: CheckedContinuation<Void, Never>] = [:]
    }

    private let limit: Int
    private let gates = Mutex<[String: Gate]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// Waits for a turn; one token enters once at a time.
    func enter(_ token: TokenKey, isUrgent: Bool) async {
        await withCheckedContinuation { continuation in
            self.change(token.service) { gate in
                gate.waiting[token] = continuation
                return gate.queue.enter(token, isUrgent: isUrgent)
            }
        }
    }

    func hurry(_ token: TokenKey) {
        self.change(token.service) { $0.queue.hurry(token) }
    }

    func leave(_ token: TokenKey) {
        self.change(token.service) { $0.queue.leave(token) }
    }

    func record(_ outcome: RefreshOutcome?, of service: String, at now: LeaseTime) {
        self.change(service) { gate in
            gate.circuit.record(outcome, at: now)
            return []
        }
    }

    func circuit(of service: String) -> ServiceCircuit {
        self.gates.withLock { $0[service]?.circuit } ?? ServiceCircuit()
    }

    /// Services that the sweep has to leave alone: their circuit is open, or it has not got through its line there yet.
    func closedServices(at now: LeaseTime) -> Set<String> {
        self.gates.withLock { gates in
            Set(gates.filter { $0.value.circuit.pause(at: now) != nil || $0.value.queue.hasSweepWaiting }.keys)
        }
    }

    /// How a service stands with its provider.
    struct Standing: Sendable, Hashable {
        let running: Int
        let waiting: Int
        let isOpen: Bool
        let isClientRefused: Bool
    }

    func standings(at now: LeaseTime) -> [String: Standing] {
        self.gates.withLock { gates in
            gates.mapValues { gate in
                Standing(
                    running: gate.queue.runningCount,
                    waiting: gate.waiting.count,
                    isOpen: gate.circuit.pause(at: now) != nil,
                    isClientRefused: gate.circuit.isClientRefused
                )
            }
        }
    }

    private func change(_ service: String, _ change: (inout Gate) -> [TokenKey]) {
        let started = self.gates.withLock { gates in
            var gate = gates[service] ?? Gate(queue: ServiceQueue(limit: self.limit))
            let started = change(&gate).compactMap { gate.waiting.removeValue(forKey: $0) }
            gates[service] = gate
            return started
        }
        for continuation in started { continuation.resume() }
    }
}
