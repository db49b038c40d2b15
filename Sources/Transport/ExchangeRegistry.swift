import Foundation
import FoundationNetworking
import Locking

/// The delegate of the sessions: hands each event to the exchange that it belongs to.
///
/// The completion handlers of redirects and challenges are not called: Foundation ends the process when one is called
/// after the task was cancelled, and a deadline may pass at any moment. The exchange is over at that point anyway.
final class ExchangeRegistry: NSObject, URLSessionDataDelegate, Sendable {
    private let exchanges = Mutex<[ObjectIdentifier: Exchange]>([:])

    func insert(_ exchange: Exchange) {
        self.exchanges.withLock { $0[ObjectIdentifier(exchange.task)] = exchange }
    }

    private func exchange(of task: URLSessionTask) -> Exchange? {
        self.exchanges.withLock { $0[ObjectIdentifier(task)] }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        // Foundation on Linux does not wait for the handler.
        self.exchange(of: dataTask)?.receive(response)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        self.exchange(of: dataTask)?.receive(data)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        self.exchange(of: task)?.complete(before: response)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        // A 401 with `WWW-Authenticate: Basic`, as Azure Arc sends it. Its body came before.
        self.exchange(of: task)?.complete(before: challenge.failureResponse)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let exchange = self.exchanges.withLock { $0.removeValue(forKey: ObjectIdentifier(task)) }
        exchange?.complete(task.response, error)
    }
}
