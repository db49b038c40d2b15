import Foundation
import Glibc
import Testing

@testable import GuardedFiles

struct GuardedFileTests {
    private static let service = ProcessIdentity(user: 33, groups: [33, 111])

    @Test(
        arguments: [
            // The user's own files.
            (33, 33, 0o600, true), (33, 33, 0o400, true), (33, 33, 0o640, false), (33, 33, 0o604, false),
            (33, 111, 0o440, false),
            // Root's: Debian's ssl-cert, and the fsGroup of Kubernetes.
            (0, 0, 0o600, true), (0, 111, 0o640, true), (0, 111, 0o440, true), (0, 33, 0o440, true),
            (0, 0, 0o640, false), (0, 42, 0o640, false), (0, 111, 0o660, false), (0, 111, 0o650, false),
            (0, 111, 0o644, false), (0, 111, 0o444, false), (0, 111, 0o641, false),
        ] as [(UInt32, UInt32, UInt32, Bool)]
    )
    func aSecretIsReadWhenOnlyItsOwnerOrAGroupOfRootsCanReadIt(owner: UInt32, group: UInt32, mode: UInt32, isRead: Bool)
    {
        let file = GuardedFile(
            path: "/nowhere/key",
            privacy: .secret(credentialsDirectory: nil),
            links: .refused,
            sizeLimit: 1
        )
        let status = FileStatus(owner: owner, group: group, mode: 0o100000 | mode)
        #expect(file.problem(of: status, for: Self.service) == (isRead ? nil : .openToOthers(permissions: mode)))
    }

    @Test func aSecretOfAnotherUserIsNotRead() {
        let file = GuardedFile(
            path: "/nowhere/key",
            privacy: .secret(credentialsDirectory: nil),
            links: .refused,
            sizeLimit: 1
        )
        let status = FileStatus(owner: 1000, group: 33, mode: 0o100000 | 0o600)
        #expect(file.problem(of: status, for: Self.service) == .foreignOwner)
        let shared = FileStatus(owner: 0, group: 33, mode: 0o100000 | 0o640)
        let own = GuardedFile(path: "/nowhere/key", privacy: .ownerAlone, links: .refused, sizeLimit: 1)
        #expect(own.problem(of: shared, for: Self.service) == .openToOthers(permissions: 0o640))
        #expect(own.problem(of: status, for: Self.service) == .foreignOwner)
        for privacy in [GuardedFile.Privacy.none, .guardedByPlatform] {
            let open = GuardedFile(path: "/nowhere/key", privacy: privacy, links: .refused, sizeLimit: 1)
            #expect(open.problem(of: status, for: Self.service) == nil)
        }
    }

    @Test func whatIsThereIsReadToItsLimit() throws {
        let files = try TemporaryFiles()
        #expect(try files.file().contents() == nil)
        try files.write(String(repeating: "x", count: 100))
        #expect(try files.file().contents()?.count == 100)
        try files.write(String(repeating: "x", count: 101))
        #expect(throws: GuardedFileError("\(files.path)/file", .tooLarge(limit: 100))) { try files.file().contents() }
        try files.write("")
        #expect(try files.file().contents() == Data())
    }

    @Test func theTextIsReadWithoutItsLineFeed() async throws {
        let files = try TemporaryFiles()
        try files.write(" secret\r\n")
        #expect(try await files.file().text() == "secret")
        let missing = files.file("missing")
        await #expect(throws: GuardedFileError(missing.path, .unreadable(code: ENOENT))) { try await missing.text() }
    }

    @Test(arguments: [GuardedFile.Links.refused, .ofProjectedVolume, .followed])
    func whatIsNoFileIsNotWaitedFor(links: GuardedFile.Links) throws {
        let files = try TemporaryFiles()
        try #require(mkfifo("\(files.path)/pipe", 0o600) == 0)
        try #require(mkdir("\(files.path)/directory", 0o700) == 0)
        for name in ["pipe", "directory"] {
            let file = files.file(name, links: links)
            #expect(throws: GuardedFileError(file.path, .notRegular)) { try file.contents() }
        }
        let device = GuardedFile(path: "/dev/zero", privacy: .none, links: links, sizeLimit: 10)
        #expect(throws: GuardedFileError("/dev/zero", .notRegular)) { try device.contents() }
    }

    @Test func aSymbolicLinkIsFollowedOnlyWhereThatIsWanted() throws {
        let files = try TemporaryFiles()
        try files.write()
        try #require(symlink("file", "\(files.path)/link") == 0)
        for links in [GuardedFile.Links.refused, .ofProjectedVolume] {
            let link = files.file("link", links: links)
            #expect(throws: GuardedFileError(link.path, .symbolicLink)) { try link.contents() }
        }
        #expect(try files.file("link", links: .followed).contents() == Data("secret".utf8))
    }

    @Test func whatSystemdHandsOverIsTakenAsItWasMade() throws {
        let files = try TemporaryFiles()
        try files.write(mode: 0o444)
        let credential = files.file(privacy: .secret(credentialsDirectory: files.path))
        #expect(try credential.contents() == Data("secret".utf8))
        // Not below, not by a link, not in a directory that others can write to, and not elsewhere.
        try #require(mkdir("\(files.path)/below", 0o700) == 0)
        try files.write(to: "below/file", mode: 0o444)
        try #require(symlink("below/file", "\(files.path)/link") == 0)
        for (name, directory) in [("below/file", files.path), ("link", files.path), ("file", "\(files.path)/below")] {
            let file = files.file(name, privacy: .secret(credentialsDirectory: directory), links: .followed)
            #expect(throws: GuardedFileError(file.path, .openToOthers(permissions: 0o444))) { try file.contents() }
        }
        chmod(files.path, 0o722)
        #expect(throws: GuardedFileError(credential.path, .openToOthers(permissions: 0o444))) {
            try credential.contents()
        }
    }

    @Test func anErrorSaysWhatToDo() {
        let cases: [(GuardedFileError.Problem, String)] = [
            (.symbolicLink, "/k was not read, because it is a symbolic link."),
            (.notRegular, "/k was not read, because it is not a regular file."),
            (
                .foreignOwner,
                "/k was not read, because it belongs to another user, who could put anything into it; run chown on it."
            ),
            (
                .openToOthers(permissions: 0o644),
                "/k was not read, because its group or others can get at it; run chmod 600 on it."
            ),
            (.tooLarge(limit: 7), "/k was not read, because it is larger than 7 bytes."),
            (.unreadable(code: EACCES), "/k cannot be read: Permission denied."),
            (.notMade(code: EROFS), "/k cannot be made: Read-only file system."),
            (.notWritten(code: ENOSPC), "/k cannot be written: No space left on device."),
        ]
        for (problem, text) in cases { #expect("\(GuardedFileError("/k", problem))" == text) }
    }
}
