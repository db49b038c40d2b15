package import Foundation

/// A directory of one test, for its user alone; it goes with the last who has it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        // Short, because the path of a unix socket may have 107 bytes only.
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("t-\(UUID().uuidString.prefix(13))")
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

    package func file(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Writes a file, and makes the directories on the way to it.
    ///
    /// - Returns: Its path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let url = URL(fileURLWithPath: self.file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url, options: .atomic)
        try Self.setMode(mode, url.path)
        return url.path
    }

    package var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: self.path).sorted()) ?? []
    }

    /// Every byte of every file below.
    package func contents() throws -> Data {
        var all = Data()
        for name in try FileManager.default.subpathsOfDirectory(atPath: self.path) {
            all.append(FileManager.default.contents(atPath: self.file(name)) ?? Data())
        }
        return all
    }

    package static func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    package static func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
