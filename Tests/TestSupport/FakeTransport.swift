package import TokenTransport

/// Answers requests from a closure, or from a list one after the other, and keeps what it was sent.
package final class FakeTransport: HTTPTransport {
    package typealias Answer = @Sendable (TransportRequest) async throws -> TransportResponse

    private let answer: Answer
    private let log = Box<[TransportRequest]>([])

    package init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    /// Gives these answers in this order, and the last one again and again.
    package convenience init(_ answers: [Result<TransportResponse, TransportError>]) {
        let next = Box(0)
        self.init { _ in
            let index = next.withLock { index in
                defer { index += 1 }
                return min(index, answers.count - 1)
            }
            guard answers.indices.contains(index) else { throw TransportError(.other, "no answer was prepared") }
            return try answers[index].get()
        }
    }

    /// Every request so far, in the order of arrival.
    package var requests: [TransportRequest] { self.log.value }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        self.log.withLock { $0.append(request) }
        return try await self.answer(request)
    }
}
