import Foundation
import TestSupport
import Testing
import TokenVaultHummingbird

struct SessionKeyFileTests {
    @Test func theFirstStartMakesAKeyThatNobodyElseMayRead() throws {
        let directory = try TemporaryDirectory()
        let file = SessionKeyFile(path: "\(directory.path)/session.key")
        #expect(try file.existingKey() == nil)
        let key = try file.key()
        #expect(try file.key().hexadecimal == key.hexadecimal)
        #expect(!String(reflecting: key).contains(key.hexadecimal))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        let error = #expect(throws: SessionKeyFileError.self) { try file.key() }
        #expect(error?.description.contains("chmod 600") == true)
    }

    @Test func aFolderThatIsNotThereIsSaid() {
        let file = SessionKeyFile(path: "/nowhere/session.key")
        let error = #expect(throws: SessionKeyFileError.self) { try file.key() }
        #expect(error?.description.contains("/nowhere/session.key") == true)
    }
}
