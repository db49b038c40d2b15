import Foundation
import Glibc
import TestSupport
import Testing
import VaultCore

@testable import VaultSQLite

struct PartialFileTests {
    private let directory: TemporaryDirectory
    private var backup: String { self.directory.file("backup") }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    /// The other backup gets its name, or is given up, between the open of this one and its lock.
    @Test(arguments: [true, false])
    func aBackupThatWasFinishedMeanwhileIsLeftAsItIs(isFinished: Bool) throws {
        let partial = try self.directory.write("whole", to: "backup.partial")
        var times = 0
        let file = try PartialFile(of: self.backup) {
            times += 1
            guard times == 1 else { return }
            if isFinished { rename(partial, self.backup) } else { unlink(partial) }
        }
        #expect(times == 2)
        try file.empty()
        #expect(try Data(contentsOf: URL(filePath: partial)).isEmpty)
        guard isFinished else { return }
        #expect(try String(contentsOfFile: self.backup, encoding: .utf8) == "whole")
    }

    @Test func oneAtATimeWritesABackup() throws {
        var first: PartialFile? = try PartialFile(of: self.backup)
        for _ in 0..<3 {
            #expect {
                _ = try PartialFile(of: self.backup)
            } throws: {
                ($0 as? StoreError)?.code == .unavailable
            }
        }
        try first?.empty()
        first = nil
        _ = try PartialFile(of: self.backup)
    }

    /// One that is replaced each time is never waited for without end.
    @Test func aFileThatNeverStaysIsGivenUp() throws {
        var times = 0
        #expect(throws: StoreError.self) {
            _ = try PartialFile(of: self.backup) {
                times += 1
                unlink(PartialFile.path(of: self.backup))
            }
        }
        #expect(times == 100)
    }
}
