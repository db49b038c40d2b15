import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import TokenPage
@testable import TokenVaultHummingbird

struct SessionKeySettingTests {
    private let directory: TemporaryDirectory

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private var path: String { "\(self.directory.path)/session.key" }

    private func file() throws -> SessionKeyFile {
        try #require(SessionKeySetting.file(environment: ["TOKEN_PAGE_SESSION_KEY_FILE": self.path]))
    }

    @Test func theFirstStartMakesAKeyThatAllOthersHave() throws {
        #expect(try self.file().existingKey() == nil)
        let key = try self.file().key()
        #expect(try self.file().key().hexadecimal == key.hexadecimal)
        #expect(try self.file().existingKey()?.hexadecimal == key.hexadecimal)
        let attributes = try FileManager.default.attributesOfItem(atPath: self.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(!"\(key)".contains(key.hexadecimal))
        #expect(!String(reflecting: key).contains(key.hexadecimal))
    }

    @Test func aKeyThatOthersMayReadIsRefused() throws {
        _ = try self.file().key()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: self.path)
        let error = #expect(throws: ConfigurationError.self) { try SessionKeySetting.key(in: self.file()) }
        #expect(error?.description.contains("chmod 600") == true)
        #expect(error?.description.contains("TOKEN_PAGE_SESSION_KEY_FILE") == true)
    }

    @Test(arguments: ["", "abc", "00", String(repeating: "zz", count: 32), String(repeating: "00", count: 33)])
    func whatIsNoKeyIsRefusedAndStays(contents: String) throws {
        try self.directory.write(contents, to: "session.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: self.path)
        #expect(throws: ConfigurationError.self) { try SessionKeySetting.key(in: self.file()) }
        #expect(try String(contentsOfFile: self.path, encoding: .utf8) == contents)
    }

    @Test func systemdsDirectoryOfTheServiceIsTheUsualPlace() {
        let environment = ["STATE_DIRECTORY": "/var/lib/token-page:/var/lib/other"]
        #expect(SessionKeySetting.file(environment: environment)?.path == "/var/lib/token-page/session.key")
        let both = environment.merging(["TOKEN_PAGE_SESSION_KEY_FILE": "/etc/key"]) { $1 }
        #expect(SessionKeySetting.file(environment: both)?.path == "/etc/key")
        #expect(SessionKeySetting.file(environment: [:]) == nil)
    }
}
