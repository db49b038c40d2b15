import Foundation
import Glibc
import Testing

@testable import GuardedFiles

struct WritingTests {
    /// What was synchronized, in this order.
    private static func kinds(_ body: ((Int32) -> Int32) throws -> Void) rethrows -> [String] {
        var kinds: [String] = []
        try body { descriptor in
            let status = try? FileStatus(descriptor: descriptor, path: "")
            kinds.append(status?.isDirectory == true ? "directory" : "file")
            return 0
        }
        return kinds
    }

    @Test func aNewKeySurvivesAPowerFailureWithItsName() throws {
        let files = try TemporaryFiles()
        var isNew = false
        let kinds = try Self.kinds { isNew = try files.file().create(Data("secret".utf8), synchronize: $0) }
        #expect(isNew)
        #expect(kinds == ["file", "directory"])
        #expect(try files.file().contents() == Data("secret".utf8))
        #expect(FileStatus(path: files.file().path)?.permissions == 0o600)
        #expect(files.names == ["file"])
    }

    @Test func aFileThatIsThereIsLeftAsItIs() throws {
        let files = try TemporaryFiles()
        try files.write("old")
        #expect(try !files.file().create(Data("new".utf8)))
        #expect(try files.file().contents() == Data("old".utf8))
        // Nor is a link followed, be it one to nowhere.
        try #require(symlink("nowhere", "\(files.path)/link") == 0)
        #expect(try !files.file("link").create(Data("new".utf8)))
        #expect(files.names == ["file", "link"])
    }

    @Test func aFileIsReplacedInOneStep() throws {
        let files = try TemporaryFiles()
        try files.write("old", mode: 0o644)
        let kinds = try Self.kinds { try files.file().replace(with: Data("new".utf8), synchronize: $0) }
        #expect(kinds == ["file", "directory"])
        #expect(try files.file().contents() == Data("new".utf8))
        #expect(files.names == ["file"])
    }

    @Test func aFullDiskLeavesNothingBehind() throws {
        let files = try TemporaryFiles()
        let full: (Int32) -> Int32 = { _ in
            errno = ENOSPC
            return -1
        }
        #expect(throws: GuardedFileError("\(files.path)/file", .notWritten(code: ENOSPC))) {
            try files.file().create(Data("secret".utf8), synchronize: full)
        }
        try files.write("old")
        #expect(throws: GuardedFileError("\(files.path)/file", .notWritten(code: ENOSPC))) {
            try files.file().replace(with: Data("secret".utf8), synchronize: full)
        }
        #expect(files.names == ["file"])
        #expect(try files.file().contents() == Data("old".utf8))
    }

    @Test func aNameThatDoesNotReachTheDiskIsTakenBack() throws {
        let files = try TemporaryFiles()
        let failing: (Int32) -> Int32 = { descriptor in
            guard (try? FileStatus(descriptor: descriptor, path: ""))?.isDirectory == true else { return 0 }
            errno = EIO
            return -1
        }
        #expect(throws: GuardedFileError("\(files.path)/file", .notWritten(code: EIO))) {
            try files.file().create(Data("secret".utf8), synchronize: failing)
        }
        #expect(files.names.isEmpty)
        #expect(try files.file().create(Data("again".utf8)))
    }

    @Test func aPlaceWhereNothingCanBeMadeIsNamed() {
        let file = GuardedFile(path: "/nowhere/key", privacy: .none, links: .refused, sizeLimit: 1)
        #expect(throws: GuardedFileError("/nowhere/key", .notMade(code: ENOENT))) { try file.create(Data()) }
    }
}
