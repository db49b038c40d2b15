package import Foundation
package import TokenTransport

/// When a request is sent again, and when the answer is final.
package struct RetryPolicy: Sendable, Hashable {
    /// How a series of requests ended.
    package enum Outcome: Sendable {
        /// An answer with a status that is final.
        case answer(TransportResponse)
        /// The last of several answers, each of which asked to come back later.
        case exhausted(TransportResponse, attempts: Int)
        /// No attempt got an answer at last.
        case unreachable(TransportError, attempts: Int)
        /// The time that the caller gave to the whole series is over.
        case limitReached
    }

    /// The waits between the attempts, so there is one attempt more.
    package var waits: [Duration]
    /// The waits while the source says that it is gone for the moment (410).
    package var waitsWhenGone: [Duration]
    /// The waits after an attempt without any answer.
    package var waitsWithoutAnswer: [Duration]
    /// The same where no connection could be made, if that is to be waited for differently.
    package var waitsWhenUnreached: [Duration]? = nil
    /// Answers that are not final, apart from those of 500 and above.
    package var retriedStatuses: Set<Int>
    /// How long one attempt may take.
    package var attemptTimeout: Duration
    /// The longest wait that a source may ask for with `Retry-After`.
    package var longestRequestedWait: Duration = .seconds(60)

    package init(
        waits: [Duration],
        waitsWhenGone: [Duration],
        waitsWithoutAnswer: [Duration],
        retriedStatuses: Set<Int>,
        attemptTimeout: Duration
    ) {
        self.waits = waits
        self.waitsWhenGone = waitsWhenGone
        self.waitsWithoutAnswer = waitsWithoutAnswer
        self.retriedStatuses = retriedStatuses
        self.attemptTimeout = attemptTimeout
    }

    /// For endpoints that give out tokens, which a person or a page waits for.
    package static let tokenEndpoint = Self(
        waits: [.milliseconds(500), .seconds(2), .seconds(5)],
        waitsWhenGone: [],
        waitsWithoutAnswer: [.milliseconds(500), .seconds(2)],
        retriedStatuses: [408, 429],
        attemptTimeout: .seconds(30)
    )

    /// Sends requests until one is answered for good.
    ///
    /// - Parameters:
    ///   - limit: How long all attempts and waits together may take; nil for as long as the policy goes.
    ///   - clock: What measures the limit and waits between the attempts.
    ///   - now: The date that a `Retry-After` date is compared with.
    ///   - send: Sends the request once, within the time that it is given.
    /// - Returns: How it ended. An attempt without an answer is no error here.
    /// - Throws: `CancellationError` when the task was cancelled.
    package func run(
        limit: Duration?,
        clock: some Clock<Duration>,
        now: @Sendable () -> Date,
        send: (Duration) async throws -> TransportResponse
    ) async throws -> Outcome {
        let start = clock.now
        var attempts = 0
        while true {
            let left = limit.map { $0 - start.duration(to: clock.now) }
            if let left, left <= .zero { return .limitReached }
            attempts += 1
            let outcome: Outcome
            let wait: Duration?
            do {
                let response = try await send(min(self.attemptTimeout, left ?? self.attemptTimeout))
                guard self.isRetried(response.status) else { return .answer(response) }
                outcome = .exhausted(response, attempts: attempts)
                wait = self.wait(after: attempts, response: response, now: now())
            } catch let error as TransportError {
                outcome = .unreachable(error, attempts: attempts)
                let waits = error.reason == .connection ? self.waitsWhenUnreached : nil
                wait = error.isFinal ? nil : (waits ?? self.waitsWithoutAnswer).element(at: attempts - 1)
            }
            try Task.checkCancellation()
            guard let wait else { return outcome }
            let remaining = limit.map { $0 - start.duration(to: clock.now) }
            if let remaining, remaining <= wait {
                try await clock.sleep(for: max(.zero, remaining))
                return .limitReached
            }
            try await clock.sleep(for: wait)
        }
    }

    private func isRetried(_ status: Int) -> Bool {
        self.retriedStatuses.contains(status) || (500...599).contains(status)
    }

    private func wait(after attempts: Int, response: TransportResponse, now: Date) -> Duration? {
        let waits = response.status == 410 ? self.waitsWhenGone : self.waits
        guard let wait = waits.element(at: attempts - 1) else { return nil }
        guard let requested = response.header("Retry-After").flatMap({ RetryAfter.wait($0, now: now) }) else {
            return wait
        }
        let granted = min(requested, self.longestRequestedWait)
        // Coming back earlier than planned would end the series before the update of the source does.
        return response.status == 410 ? max(wait, granted) : granted
    }
}

extension TransportError {
    /// Whether another attempt must end in the same way: a refused certificate or address will be refused again.
    package var isFinal: Bool { self.reason != .timeout && self.reason != .connection && self.reason != .other }
}

extension Array {
    fileprivate func element(at index: Int) -> Element? { self.indices.contains(index) ? self[index] : nil }
}
