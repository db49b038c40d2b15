import Foundation
import Glibc

@testable import GuardedFiles

/// A directory that goes away with its last user.
final class TemporaryFiles: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        self.path = url.resolvingSymlinksInPath().path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ text: String = "secret", to name: String = "file", mode: UInt32 = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(self.path)/\(name)"))
        chmod("\(self.path)/\(name)", mode)
    }

    func file(
        _ name: String = "file",
        privacy: GuardedFile.Privacy = .secret(credentialsDirectory: nil),
        links: GuardedFile.Links = .refused,
        sizeLimit: Int = 100
    ) -> GuardedFile {
        GuardedFile(path: "\(self.path)/\(name)", privacy: privacy, links: links, sizeLimit: sizeLimit)
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: self.path).sorted()) ?? [] }
}
