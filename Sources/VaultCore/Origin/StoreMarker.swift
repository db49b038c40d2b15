import CLinux
import Foundation
import Glibc
import GuardedFiles

/// A file beside the database by which a database that was put back or copied is told from the one that it was.
///
/// Before a refresh token is sent or exported, and after the database has noted that, the file is raised to the database's count
/// of that: a database that counts less than the file is one of before. The name that both have, and the inode of the database,
/// tell a copy that lies elsewhere. To renew tokens of such a database would end those that another one has got since.
package struct StoreMarker: Sendable, Hashable {
    /// The name that the database has, too.
    package let name: String
    /// What the database counted when a refresh token was last sent or exported.
    package let armed: Int64
    /// Of the database file; 0 for a database that is none.
    package let inode: UInt64

    private static let first = "token-vault store marker 1"
    private static let sizeLimit = 256

    package static func path(ofStore database: String) -> String { "\(database)-marker" }

    /// Fixed columns, so that the count can be written over.
    package var text: String {
        "\(Self.first)\n\(self.name)\n\(Self.column(self.armed))\n\(self.inode)\n"
    }

    package init(name: String, armed: Int64, inode: UInt64) {
        self.name = name
        self.armed = armed
        self.inode = inode
    }

    /// Nil for what is no marker.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[0] == Self.first, let armed = Int64(lines[2]), let inode = UInt64(lines[3]) else {
            return nil
        }
        self.init(name: String(lines[1]), armed: armed, inode: inode)
    }

    private static func column(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }

    /// The marker of a store; nil when there is none, or what is there is none.
    ///
    /// - Throws: ``StoreError``.
    package static func read(ofStore database: String) throws -> StoreMarker? {
        do {
            return try self.file(database).contents().flatMap { Self(String(decoding: $0, as: UTF8.self)) }
        } catch {
            throw StoreError(.unusable, error.description)
        }
    }

    /// Puts it beside a store, in one step.
    ///
    /// - Throws: ``StoreError``.
    package func write(besideStore database: String) throws {
        do {
            try Self.file(database).replace(with: Data(self.text.utf8))
        } catch {
            throw StoreError(.unavailable, error.description)
        }
    }

    private static func file(_ database: String) -> GuardedFile {
        GuardedFile(
            path: self.path(ofStore: database),
            privacy: .ownerAlone,
            links: .refused,
            sizeLimit: self.sizeLimit
        )
    }

    /// Raises the count in the file; it is on the disk when this returns.
    ///
    /// Where that fails the request is sent all the same: then a copy of before may not be known for one.
    package static func raise(to armed: Int64, ofStore database: String) {
        let descriptor = open(self.path(ofStore: database), O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Another process may be about to write a greater count.
        guard self.lock(descriptor) else { return }
        defer { unlock_byte(descriptor, 0) }
        var bytes = [UInt8](repeating: 0, count: self.sizeLimit)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0, let present = Self(String(decoding: bytes[..<count], as: UTF8.self)), present.armed < armed
        else { return }
        let digits = Array(self.column(armed).utf8)
        let place = self.first.utf8.count + present.name.utf8.count + 2
        _ = pwrite(descriptor, digits, digits.count, off_t(place))
        _ = fdatasync(descriptor)
    }

    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<500 {
            if lock_byte(descriptor, 0) == 0 { return true }
            usleep(2000)
        }
        return false
    }

    /// The inode of a file; nil when there is none.
    package static func inode(of path: String) -> UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    }
}
