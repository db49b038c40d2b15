package import Foundation

/// A directory of one test, which goes when the test does.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("vault-\(UUID())").path
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    package func file(_ name: String) -> String { "\(self.path)/\(name)" }

    /// Every byte of every file below.
    package func contents() throws -> Data {
        var all = Data()
        for name in try FileManager.default.subpathsOfDirectory(atPath: self.path) {
            all.append(FileManager.default.contents(atPath: self.file(name)) ?? Data())
        }
        return all
    }

    package static func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
