import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct SigningKeyTests {
    @Test
    func theKeyIsMadeOnceForItsOwnerAloneAndKept() throws {
        let directory = try TemporaryDirectory()
        let state = try StateDirectory(preparing: directory.path)
        let first = try SigningKey(state: state)
        let path = "\(directory.path)/signing-key.pem"
        let pem = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try TemporaryDirectory.mode(of: path) == 0o600)
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        let second = try SigningKey(state: state)
        #expect(second.identifier == first.identifier)
        #expect(second.modulus == first.modulus)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == pem)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["signing-key.pem"])
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o666])
    func aKeyThatOthersCanReachIsRefused(mode: Int) throws {
        let directory = try TemporaryDirectory()
        let state = try StateDirectory(preparing: directory.path)
        let path = try directory.write("anything", to: "signing-key.pem", mode: mode)
        let error = #expect(throws: ConfigurationError.self) { try SigningKey(state: state) }
        #expect(error?.description.contains("chmod 600") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "anything")
    }

    @Test(arguments: ["", "no key at all", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"])
    func aFileWithoutAKeyIsRefusedAndKept(text: String) throws {
        let directory = try TemporaryDirectory()
        let state = try StateDirectory(preparing: directory.path)
        let path = try directory.write(text, to: "signing-key.pem")
        let error = #expect(throws: ConfigurationError.self) { try SigningKey(state: state) }
        #expect(error?.description.contains("c2VjcmV0") == false)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test
    func theKeyIsNotPrinted() async throws {
        let key = try await EmulatorFixture.shared.value.emulator.signingKey
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "SigningKey(\(key.identifier), <redacted>)")
        #expect(!dumped.contains("privateKey"))
    }
}
