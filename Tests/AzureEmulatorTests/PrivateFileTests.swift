import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct PrivateFileTests {
    @Test
    func manyStartsAtOnceAgreeOnOneContent() async throws {
        let directory = try TemporaryDirectory()
        let file = PrivateFile(path: "\(directory.path)/secret")
        let contents = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<32 {
                group.addTask { try file.contents { UUID().uuidString } }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(contents.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["secret"])
    }

    @Test
    func aLinkIsNotFollowed() throws {
        let directory = try TemporaryDirectory()
        let target = try directory.write("elsewhere", to: "target")
        let path = "\(directory.path)/secret"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        #expect(throws: ConfigurationError.self) { try PrivateFile(path: path).contents { "new" } }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "elsewhere")
    }

    @Test
    func aDirectoryIsNoFile() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ConfigurationError.self) { try PrivateFile(path: directory.path).existingContents() }
    }

    @Test
    func aPlaceThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) {
            try PrivateFile(path: "/nonexistent/secret").contents { "new" }
        }
        #expect(error?.description.hasPrefix("/nonexistent/secret cannot be made: ") == true)
    }

    @Test
    func replacingTightensWhatWasThere() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("old", to: "file", mode: 0o644)
        try PrivateFile(path: path).replace(with: "new")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        #expect(try TemporaryDirectory.mode(of: path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
    }
}
