import Locking

/// A value behind a mutex that closures of concurrent tasks can share.
///
/// A local `Mutex` cannot be captured by them; this can.
package final class Box<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    package init(_ value: Value) {
        self.mutex = Mutex(value)
    }

    package var value: Value { self.mutex.withLock { $0 } }

    @discardableResult
    package func withLock<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try self.mutex.withLock { value in try body(&value) }
    }
}
