import Foundation

/// Where the files of this project are, and the programs that were built from them.
enum Checkout {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A program of this package, built together with these tests.
    static func program(_ name: String) -> String {
        let tests = URL(filePath: ProcessInfo.processInfo.arguments[0])
        return tests.deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }

    /// Where a test leaves what a person may want to look at.
    static func artefact(_ name: String) throws -> URL {
        let directory = Self.root.appending(path: ".build/artefacts")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory.appending(path: name)
    }

    /// A program of this machine, or nil when it is not installed.
    static func installed(_ names: String...) -> String? {
        let directories = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/sbin", "/bin"]
        for name in names {
            for directory in directories where FileManager.default.isExecutableFile(atPath: "\(directory)/\(name)") {
                return "\(directory)/\(name)"
            }
        }
        return nil
    }
}
