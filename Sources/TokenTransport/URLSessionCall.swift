import Dispatch
import Foundation
import FoundationNetworking
import Locking

/// One request and its answer: ends exactly once, by the answer, an error, the deadline or the caller's cancellation.
final class URLSessionCall: Sendable {
    private struct State {
        var continuation: CheckedContinuation<TransportResponse, any Error>?
        var body = Data()
        var result: Result<TransportResponse, any Error>?
    }

    let task: URLSessionDataTask
    private let peer: String
    private let timeout: Duration
    private let maxBodyBytes: Int
    private let deadlines: Deadlines
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// - Parameters:
    ///   - task: Makes the exchange; not resumed yet.
    ///   - request: What the task sends.
    ///   - maxBodyBytes: The largest body that is taken.
    ///   - deadlines: Ends the exchange when its time is over.
    ///   - queue: Where the task is cancelled, which must not happen inside of a callback.
    init(
        task: URLSessionDataTask,
        request: TransportRequest,
        maxBodyBytes: Int,
        deadlines: Deadlines,
        queue: DispatchQueue
    ) {
        self.task = task
        self.peer = request.url.peer
        self.timeout = request.timeout
        self.maxBodyBytes = maxBodyBytes
        self.deadlines = deadlines
        self.queue = queue
    }

    func start(_ continuation: CheckedContinuation<TransportResponse, any Error>) {
        self.deadlines.watch(self, for: self.timeout)
        let result = self.state.withLock { state in
            if state.result == nil {
                state.continuation = continuation
            }
            return state.result
        }
        if let result {
            self.deadlines.forget(self)
            continuation.resume(with: result)
        } else {
            self.task.resume()
        }
    }

    func receive(_ response: URLResponse) {
        if response.expectedContentLength > Int64(self.maxBodyBytes) {
            self.refuseSize()
        }
    }

    func receive(_ data: Data) {
        let fits = self.state.withLock { state in
            guard state.body.count + data.count <= self.maxBodyBytes else { return false }
            state.body.append(data)
            return true
        }
        if !fits {
            self.refuseSize()
        }
    }

    /// The task has come to its end.
    func complete(_ response: URLResponse?, _ error: (any Error)?) {
        if let error {
            self.finish(.failure(TransportError(error, from: self.peer)))
        } else {
            self.finish(self.answer(response))
        }
    }

    /// The answer is here, but Foundation would go on with it.
    func complete(before response: URLResponse?) {
        self.finish(self.answer(response))
        self.stop()
    }

    private func answer(_ response: URLResponse?) -> Result<TransportResponse, any Error> {
        guard let response = response as? HTTPURLResponse else {
            return .failure(TransportError(.other, "\(self.peer) sent an answer that is not HTTP."))
        }
        let headers = response.allHeaderFields.compactMap { name, value in
            (name as? String).map { (name: $0, value: String(describing: value)) }
        }
        let body = self.state.withLock { $0.body }
        return .success(TransportResponse(status: response.statusCode, headers: headers, body: body))
    }

    func cancel() {
        self.finish(.failure(CancellationError()))
        self.stop()
    }

    func expire() {
        let seconds = (self.timeout / .seconds(1)).formatted(.number.grouping(.never))
        self.finish(.failure(TransportError(.timeout, "\(self.peer) gave no whole answer within \(seconds) s.")))
        self.stop()
    }

    private func refuseSize() {
        let text = "\(self.peer) sent an answer of more than \(self.maxBodyBytes) bytes."
        self.finish(.failure(TransportError(.tooLarge, text)))
        self.stop()
    }

    private func finish(_ result: Result<TransportResponse, any Error>) {
        let continuation = self.state.withLock { state in
            guard state.result == nil else { return nil as CheckedContinuation<TransportResponse, any Error>? }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        self.deadlines.forget(self)
        continuation?.resume(with: result)
    }

    private func stop() {
        self.queue.async { [task] in task.cancel() }
    }
}
