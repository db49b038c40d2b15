import Foundation
import FoundationNetworking
import Locking

/// The delegate of the sessions: hands each event to the exchange that it belongs to.
///
/// The completion handlers of redirects and challenges are not called: Foundation ends the process when one is called
/// after the task was cancelled, and a deadline may pass at any moment. The exchange is over at that point anyway.
final class URLSessionDelegateRouter: NSObject, URLSessionDataDelegate, Sendable {
    private let calls = Mutex<[ObjectIdentifier: URLSessionCall]>([:])

    func insert(_ call: URLSessionCall) {
        self.calls.withLock { $0[ObjectIdentifier(call.task)] = call }
    }

    private func call(of task: URLSessionTask) -> URLSessionCall? {
        self.calls.withLock { $0[ObjectIdentifier(task)] }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        // Foundation on Linux does not wait for the handler.
        self.call(of: dataTask)?.receive(response)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        self.call(of: dataTask)?.receive(data)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        self.call(of: task)?.complete(before: response)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        // A 401 with `WWW-Authenticate: Basic`, as Azure Arc sends it. Its body came before.
        self.call(of: task)?.complete(before: challenge.failureResponse)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let call = self.calls.withLock { $0.removeValue(forKey: ObjectIdentifier(task)) }
        call?.complete(task.response, error)
    }
}
