import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import TokenVault

struct ArchiveFileTests {
    private let archive = Data("archive".utf8)

    /// What lies there after the call that was to make it has failed, and whether it may be what was to be made.
    @Test(arguments: [
        (nil, 0o600, false), ("archive", 0o600, true), ("another one's", 0o600, false), ("", 0o600, false),
        // What others could have written cannot be told, and neither can what is no file.
        ("another one's", 0o666, true), ("/", 0o600, true),
    ])
    func anArchiveThatMayBeThereIsNotTakenForOneThatIsNot(text: String?, mode: Int, mayBe: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("archive")
        if text == "/" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } else if let text {
            try directory.write(text, to: "archive", mode: mode)
        }
        #expect(ArchiveFile(path: path).mayHold(self.archive) == mayBe)
    }

    @Test func aFileThatIsThereIsLeftAsItIs() throws {
        let directory = try TemporaryDirectory()
        let file = ArchiveFile(path: directory.file("archive"))
        try file.checkIsAbsent()
        #expect(throws: ConfigurationError.self) { try file.contents() }
        try file.create(self.archive)
        #expect(throws: ConfigurationError.self) { try file.checkIsAbsent() }
        #expect(throws: ConfigurationError.self) { try file.create(Data("second".utf8)) }
        #expect(try file.contents() == self.archive)
    }
}
