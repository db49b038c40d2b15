import Foundation

/// Runs the callbacks of a session where they arise, on the session's own serial queue.
///
/// Foundation wraps each callback into an operation and takes it to another queue, three times an answer. The callbacks of
/// ``URLSessionDelegateRouter`` do no more than append bytes and resume a task, which costs far less than the way.
///
/// - Important: A callback must not cancel its task by itself, since Foundation waits for the very queue that it is on.
///
/// It has no state of its own; Foundation's declaration of `OperationQueue` has to be said again by its heirs.
final class DelegateQueue: OperationQueue, @unchecked Sendable {
    override func addOperation(_ block: @Sendable @escaping () -> Void) {
        block()
    }
}
