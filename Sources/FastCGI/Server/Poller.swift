import CLinux
import Glibc

/// Waits for many descriptors at once: epoll(7), level-triggered.
struct Poller: ~Copyable {
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let read = Interest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
        static let write = Interest(rawValue: EPOLLOUT.rawValue)
        /// The complete hang-up of the peer, which is always reported.
        static let hangUp: Interest = []
    }

    struct Event {
        let token: UInt64
        private let flags: UInt32

        init(_ event: epoll_event) {
            self.token = event.data.u64
            self.flags = event.events
        }

        var isReadable: Bool { self.flags & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 }
        var isWritable: Bool { self.flags & EPOLLOUT.rawValue != 0 }
        var isHangUp: Bool { self.flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    }

    private let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemCallError) {
        self.descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard self.descriptor >= 0 else { throw SystemCallError("epoll_create1") }
        self.events = .allocate(capacity: 256)
    }

    deinit {
        close(self.descriptor)
        self.events.deallocate()
    }

    func add(_ descriptor: Int32, token: UInt64, _ interest: Interest) throws(SystemCallError) {
        try self.control(EPOLL_CTL_ADD, descriptor, token: token, interest)
    }

    func change(_ descriptor: Int32, token: UInt64, _ interest: Interest) throws(SystemCallError) {
        try self.control(EPOLL_CTL_MOD, descriptor, token: token, interest)
    }

    func remove(_ descriptor: Int32) {
        _ = epoll_ctl(self.descriptor, EPOLL_CTL_DEL, descriptor, nil)
    }

    private func control(
        _ operation: Int32,
        _ descriptor: Int32,
        token: UInt64,
        _ interest: Interest
    ) throws(SystemCallError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        guard epoll_ctl(self.descriptor, operation, descriptor, &event) == 0 else {
            throw SystemCallError("epoll_ctl")
        }
    }

    /// Waits for events, for ever when `milliseconds` is nil.
    ///
    /// - Returns: How many there are, until the next call.
    func wait(milliseconds: Int32?) throws(SystemCallError) -> Int {
        let count = epoll_wait(
            self.descriptor,
            self.events.baseAddress,
            Int32(self.events.count),
            milliseconds ?? -1
        )
        guard count >= 0 else {
            guard errno == EINTR else { throw SystemCallError("epoll_wait") }
            return 0
        }
        return Int(count)
    }

    subscript(_ index: Int) -> Event { Event(self.events[index]) }
}
