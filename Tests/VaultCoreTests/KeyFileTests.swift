import Crypto
import Foundation
import Glibc
import TestSupport
import Testing
import VaultTestSupport

@testable import VaultCore

struct KeyFileTests {
    private let directory: TemporaryDirectory
    private let file: KeyFile

    init() throws {
        self.directory = try TemporaryDirectory()
        for name in ["keys", "data"] {
            try FileManager.default.createDirectory(
                atPath: self.directory.file(name),
                withIntermediateDirectories: false
            )
        }
        self.file = KeyFile(
            path: self.directory.file("keys/key"),
            databasePath: self.directory.file("data/vault.sqlite")
        )
    }

    private func write(_ text: String, mode: Int = 0o600, at path: String? = nil) throws {
        let path = path ?? self.file.path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func complaint(_ file: KeyFile? = nil) -> String {
        do {
            _ = try (file ?? self.file).read()
            return "none"
        } catch {
            return (error as? StoreError)?.description ?? "\(error)"
        }
    }

    private static let digits = String(repeating: "0aF9", count: 16)

    @Test(arguments: [Self.digits, Self.digits + "\n"], [0o600, 0o400])
    func aKeyIsSixtyFourHexadecimalDigits(text: String, mode: Int) throws {
        try self.write(text, mode: mode)
        let bytes = try self.file.read().key.withUnsafeBytes { Array($0) }
        #expect(bytes.count == 32)
        #expect(bytes.prefix(4) == [0x0a, 0xf9, 0x0a, 0xf9])
    }

    @Test(arguments: [
        "", "\n", String(Self.digits.dropLast()), Self.digits + "0", Self.digits + "\n\n", Self.digits + " ",
        String(repeating: "g", count: 64), String(repeating: "0", count: 4096), "\u{0}\u{1}",
    ])
    func anythingElseIsNot(text: String) throws {
        try self.write(text)
        #expect(self.complaint().contains("does not hold a key: it must be 64 hexadecimal digits (32 bytes)"))
        if text.count > 8 {
            #expect(!self.complaint().contains(text.prefix(8)))
        }
    }

    @Test(arguments: [0o644, 0o604, 0o660, 0o620, 0o601, 0o777])
    func aFileThatOthersMayOpenIsRefused(mode: Int) throws {
        try self.write(Self.digits, mode: mode)
        #expect(self.complaint().contains("can be read by others (mode 0\(String(mode, radix: 8))): run chmod 0600"))
    }

    /// Debian's way for keys that a service shares with its group, and that of Kubernetes (fsGroup).
    @Test(.enabled(if: geteuid() == 0, "needs root, whose file it has to be"), arguments: [0o640, 0o440])
    func aFileOfRootsThatTheGroupOfTheProcessMayReadIsRead(mode: Int) throws {
        try self.write(Self.digits, mode: mode)
        #expect(self.complaint() == "none")
    }

    @Test(arguments: [0o440, 0o444])
    func aKeyThatSystemdHandsOverIsTakenAsItWasMade(mode: Int) throws {
        try self.write(Self.digits, mode: mode)
        let file = KeyFile(
            path: self.file.path,
            databasePath: self.file.databasePath,
            credentialsDirectory: self.directory.file("keys")
        )
        #expect(self.complaint(file) == "none")
    }

    @Test func aSymbolicLinkIsRefused() throws {
        let target = self.directory.file("keys/target")
        try self.write(Self.digits, at: target)
        try FileManager.default.createSymbolicLink(atPath: self.file.path, withDestinationPath: target)
        #expect(self.complaint().contains("is a symbolic link"))
    }

    @Test func whatIsNotAPlainFileIsRefused() throws {
        #expect(mkfifo(self.file.path, 0o600) == 0)
        #expect(self.complaint().contains("is not a plain file"))
        try FileManager.default.removeItem(atPath: self.file.path)
        try FileManager.default.createDirectory(atPath: self.file.path, withIntermediateDirectories: false)
        #expect(self.complaint().contains("is not a plain file"))
    }

    @Test func aMissingFileIsSaidToBeMissing() {
        #expect(self.complaint().hasPrefix("There is no key file \(self.file.path)"))
    }

    @Test func theKeyMustNotLieWithTheDatabase() throws {
        let inside = self.directory.file("data/key")
        let deeper = self.directory.file("data/keys/key")
        let byLink = self.directory.file("link/key")
        try FileManager.default.createDirectory(
            atPath: self.directory.file("data/keys"),
            withIntermediateDirectories: false
        )
        try FileManager.default.createSymbolicLink(
            atPath: self.directory.file("link"),
            withDestinationPath: self.directory.file("data")
        )
        for path in [inside, deeper, byLink] {
            try self.write(Self.digits, at: path)
            let complaint = self.complaint(KeyFile(path: path, databasePath: self.file.databasePath))
            #expect(complaint.contains("lies in the directory of the database"))
        }
    }

    @Test func aNewFileIsForItsOwnerAlone() throws {
        let path = self.directory.file("new/deep/key")
        let file = KeyFile(path: path, databasePath: self.file.databasePath)
        #expect(try file.create())
        #expect(try TemporaryDirectory.mode(of: path) == 0o600)
        #expect(try TemporaryDirectory.mode(of: self.directory.file("new/deep")) == 0o700)
        let key = try file.read().hexadecimal
        #expect(try !file.create())
        #expect(try file.read().hexadecimal == key)
    }

    @Test func aNewFileMustNotLieWithTheDatabaseEither() {
        let file = KeyFile(path: self.directory.file("data/key"), databasePath: self.file.databasePath)
        #expect(throws: StoreError.self) { try file.create() }
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }
}
