import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct StateDirectoryTests {
    @Test
    func itIsMadeForItsOwnerAlone() throws {
        let parent = try TemporaryDirectory()
        let path = "\(parent.path)/a/b"
        #expect(try !StateDirectory.isUsable(path))
        _ = try StateDirectory(preparing: path)
        #expect(try TemporaryDirectory.mode(of: path) == 0o700)
        #expect(try StateDirectory.isUsable(path))
    }

    @Test(arguments: [0o770, 0o777])
    func aDirectoryThatOthersCanWriteIntoIsRefused(mode: Int) throws {
        let directory = try TemporaryDirectory()
        try TemporaryDirectory.setMode(mode, directory.path)
        #expect(throws: ConfigurationError.self) { try StateDirectory(preparing: directory.path) }
    }

    @Test
    func aFileIsNoDirectory() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("x", to: "file")
        #expect(throws: ConfigurationError.self) { try StateDirectory(preparing: path) }
    }

    @Test
    func aSecretStaysTheSame() throws {
        let directory = try TemporaryDirectory()
        let state = try StateDirectory(preparing: directory.path)
        let secret = try state.secret("one")
        #expect(secret.value.count == 43)
        #expect(try state.secret("one").value == secret.value)
        #expect(try state.secret("two").value != secret.value)
        #expect(try TemporaryDirectory.mode(of: "\(directory.path)/one") == 0o600)
    }
}
