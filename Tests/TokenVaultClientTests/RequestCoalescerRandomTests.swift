import TestSupport
import Testing

@testable import TokenVaultClient

@Suite struct RequestCoalescerRandomTests {
    private typealias State = RequestCoalescerState<String, Int, String>

    private let start = ContinuousClock.now

    /// Whatever happens, everybody is told once, and not before a call has begun that is younger than they are.
    @Test(arguments: 1...200)
    func everybodyIsToldOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let maxCalls = Int.random(in: 1...4, using: &random)
        var state = State(maxCalls: maxCalls, maxWaiting: 3, sharing: seed % 8 > 0)
        var now = self.start
        var arrivals: [Int: Int] = [:]
        var deadlines: [Int: ContinuousClock.Instant] = [:]
        var running: [UInt64: Int] = [:]
        var pauses: [State.Pause] = []
        var throttles: [ContinuousClock.Instant] = []
        var checks: [ContinuousClock.Instant] = []
        var order = 0
        func perform(_ next: State.Next) {
            for start in next.starts { running[start.id] = order }
            #expect(running.count <= maxCalls)
            if let pause = next.pause { pauses.append(pause) }
            if let throttle = next.throttle { throttles.append(throttle) }
            if let check = next.check { checks.append(check) }
        }
        func end(_ id: UInt64, _ outcome: State.Line.Outcome) throws {
            let start = running.removeValue(forKey: id)
            let began = try #require(start)
            let (callers, next) = state.ended(id, outcome, nextID: 1_000_000 + UInt64(order), now: now)
            for caller in callers {
                let arrival = arrivals.removeValue(forKey: caller)
                #expect(try #require(arrival) <= began)
            }
            perform(next)
        }
        func look() {
            for pause in pauses.filter({ $0.end <= now }) { perform(state.pauseIsOver(pause, now: now)) }
            pauses.removeAll { $0.end <= now }
            for _ in throttles.filter({ $0 <= now }) { perform(state.throttleIsOver(now: now)) }
            throttles.removeAll { $0 <= now }
            for _ in checks.filter({ $0 <= now }) {
                let late = arrivals.keys.filter { caller in deadlines[caller].map { $0 <= now } ?? false }
                let (leaves, check) = state.expire(now: now)
                #expect(leaves.compactMap(\.caller).sorted() == late.sorted())
                for caller in late { arrivals[caller] = nil }
                if let check { checks.append(check) }
            }
            checks.removeAll { $0 <= now }
            #expect(deadlines.allSatisfy { arrivals[$0.key] == nil || $0.value > now })
        }
        for step in 1...400 {
            order += 1
            now += .microseconds(Int.random(in: 0...1500, using: &random))
            switch Int.random(in: 0...9, using: &random) {
            case 0...5:
                deadlines[step] = Bool.random(using: &random) ? now + .milliseconds(20) : nil
                let next = try? state.arrive(
                    step,
                    id: UInt64(step),
                    key: ["a", "a", "b"].randomElement(using: &random) ?? "a",
                    deadline: deadlines[step],
                    work: "",
                    now: now
                )
                guard let next else { continue }
                arrivals[step] = order
                perform(next)
            case 6, 7:
                guard let id = running.keys.sorted().randomElement(using: &random) else { continue }
                let outcomes: [State.Line.Outcome] = [.answered, .answered, .answered, .failed, .throttled]
                try end(id, outcomes.randomElement(using: &random) ?? .answered)
            default:
                guard let caller = arrivals.keys.sorted().randomElement(using: &random) else { continue }
                let left = state.leave(UInt64(caller)).caller
                #expect(left == caller)
                arrivals[caller] = nil
            }
            look()
        }
        // Nobody comes any more, and no call ends that has not begun: all who wait are looked at in time.
        while state.callCount > 0 {
            order += 1
            now += .milliseconds(250)
            look()
            try #require(!running.isEmpty || state.callCount == 0)
            for id in running.keys.sorted() { try end(id, .answered) }
        }
        #expect(arrivals.isEmpty)
    }
}
