import TestSupport

@testable import GuardedFiles

/// A directory with files to be guarded.
final class TemporaryFiles: Sendable {
    private let directory: TemporaryDirectory
    var path: String { self.directory.path }
    var names: [String] { self.directory.names }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    func write(_ text: String = "secret", to name: String = "file", mode: UInt32 = 0o600) throws {
        try self.directory.write(text, to: name, mode: Int(mode))
    }

    func file(
        _ name: String = "file",
        privacy: GuardedFile.Privacy = .secret(credentialsDirectory: nil),
        links: GuardedFile.Links = .refused,
        sizeLimit: Int = 100
    ) -> GuardedFile {
        GuardedFile(path: "\(self.path)/\(name)", privacy: privacy, links: links, sizeLimit: sizeLimit)
    }
}
