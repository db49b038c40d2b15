import CLinux
import Dispatch
import Foundation
import Glibc
import Locking

/// A file beside the store for answers of providers that the store cannot take: its disk is full, or it is damaged.
///
/// Its room is taken when it is made, so that there is some when nothing else has any. What is in it is sealed by whoever
/// puts it there. Several processes may use it at the same time.
package final class AnswerJournal: Sendable {
    /// 1 MiB: some 250 answers, and there are never more than the calls that are under way when the store fails.
    package static let defaultSize = 256 * JournalLayout.blockSize

    package let path: String
    /// False when its disk had no room for it when it was opened.
    package let hasRoom: Bool

    private let size: Int
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "AnswerJournal")
    private let isReplaying = Mutex(false)

    /// The byte that is locked while the file is read and written, and the one for as long as somebody empties it.
    private static let byte = (file: Int64(0), replay: Int64(1))

    /// The journal beside a database.
    package static func path(ofStore database: String) -> String { "\(database)-answers" }

    /// The journal at a path; nil when there is none.
    ///
    /// - Throws: ``StoreError``.
    package static func existing(at path: String) throws -> AnswerJournal? {
        access(path, F_OK) == 0 ? try AnswerJournal(path: path) : nil
    }

    /// Opens the file, and makes it if need be.
    ///
    /// - Throws: ``StoreError``.
    package init(path: String, size: Int = AnswerJournal.defaultSize) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let code: StoreError.Code = errno == ENOSPC || errno == EDQUOT ? .full : .unusable
            throw StoreError(code, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        do {
            try PrivateFile.check(path)
            try Self.lock(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.hasRoom = Self.takeRoom(size, descriptor)
        unlock_byte(descriptor, Self.byte.file)
        self.path = path
        self.size = size
        self.descriptor = descriptor
    }

    /// Makes the file as large as it has to be; where that is not possible it leaves the rest of the disk to the store.
    private static func takeRoom(_ size: Int, _ descriptor: Int32) -> Bool {
        let present = self.size(of: descriptor)
        guard present < size else { return true }
        // With zeros that are written: room that is only reserved may need more when it is used.
        guard self.write(Data(count: size - present), at: present, to: descriptor), fsync(descriptor) == 0 else {
            ftruncate(descriptor, off_t(present))
            return false
        }
        return true
    }

    deinit { close(self.descriptor) }

    /// Adds a record; it is on the disk when this returns.
    ///
    /// - Throws: ``StoreError``, with ``StoreError/Code/full`` when there is no room for it.
    func append(_ payload: Data) async throws -> JournalLayout.Record {
        try await self.perform(takingRoom: true) { contents in
            let bytes = JournalLayout.encode(payload)
            let count = bytes.count / JournalLayout.blockSize
            guard let place = contents.free.first(where: { $0.count >= count })?.lowerBound else {
                throw StoreError(.full, "The journal \(self.path) is full.")
            }
            guard
                Self.write(bytes, at: place * JournalLayout.blockSize, to: self.descriptor),
                fsync(self.descriptor) == 0
            else { throw self.failure("written") }
            let written = JournalLayout.read(try self.bytes()).records.first { $0.block == place }
            guard let written, written.payload == payload else { throw self.failure("read back") }
            return written
        }
    }

    /// Everything that is in it.
    func contents() async throws -> JournalLayout.Contents {
        try await self.perform { $0 }
    }

    /// Takes a record out, unless somebody else did.
    func remove(_ record: JournalLayout.Record) async throws {
        try await self.perform { contents in
            guard contents.records.contains(record) else { return }
            let zeros = Data(count: record.blockCount * JournalLayout.blockSize)
            guard
                Self.write(zeros, at: record.block * JournalLayout.blockSize, to: self.descriptor),
                fsync(self.descriptor) == 0
            else { throw self.failure("written") }
        }
    }

    /// Runs the body unless somebody else, in this process or another, empties the journal just now.
    func replay(_ body: () async throws -> Void) async rethrows {
        let isFirst = self.isReplaying.withLock { isReplaying in
            defer { isReplaying = true }
            return !isReplaying
        }
        guard isFirst else { return }
        defer { self.isReplaying.withLock { $0 = false } }
        guard lock_byte(self.descriptor, Self.byte.replay) == 0 else { return }
        defer { unlock_byte(self.descriptor, Self.byte.replay) }
        try await body()
    }

    /// Disks may take their time: not on the cooperative pool.
    private func perform<Result: Sendable>(
        takingRoom: Bool = false,
        _ body: @escaping @Sendable (JournalLayout.Contents) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async {
                continuation.resume(
                    with: Swift.Result {
                        try Self.lock(self.descriptor)
                        defer { unlock_byte(self.descriptor, Self.byte.file) }
                        // There may be room by now, if there was none.
                        if takingRoom { _ = Self.takeRoom(self.size, self.descriptor) }
                        return try body(JournalLayout.read(try self.bytes()))
                    }
                )
            }
        }
    }

    private func bytes() throws -> Data {
        var bytes = Data(count: Self.size(of: self.descriptor))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(self.descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw self.failure("read") }
            done += count
        }
        return bytes
    }

    private func failure(_ what: String) -> StoreError {
        StoreError(.unavailable, "The journal \(self.path) cannot be \(what): \(String(cString: strerror(errno))).")
    }

    /// Nobody holds it for longer than a few writes take.
    private static func lock(_ descriptor: Int32) throws {
        let end = ContinuousClock.now + .seconds(5)
        while lock_byte(descriptor, self.byte.file) != 0 {
            guard ContinuousClock.now < end else {
                throw StoreError(.unavailable, "The journal of the store is locked by another process.")
            }
            usleep(2000)
        }
    }

    private static func size(of descriptor: Int32) -> Int { max(0, Int(lseek(descriptor, 0, SEEK_END))) }

    private static func write(_ bytes: Data, at offset: Int, to descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
