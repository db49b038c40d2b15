import Foundation

/// Where TROUBLESHOOTING.md is, so that what is printed can be opened.
struct TroubleshootingGuide: Sendable {
    /// The file; nil when it is not on this machine.
    let path: String?

    init(path: String?) {
        self.path = path
    }

    /// Looks where `make install` puts it, seen from this program, and in the checkout that it was built in.
    init(
        executable: String? = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
        fileExists: (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
    ) {
        let folders = (executable ?? "").split(separator: "/").dropLast()
        let ancestors = (0..<min(folders.count, 5)).map { "/" + folders.dropLast($0).joined(separator: "/") }
        self.path = ancestors.flatMap { ["\($0)/share/doc/token-page/TROUBLESHOOTING.md", "\($0)/TROUBLESHOOTING.md"] }
            .first(where: fileExists)
    }

    /// Where a heading is.
    func place(of anchor: String) -> String {
        self.path.map { "\($0)#\(anchor)" } ?? "the heading \(anchor) of TROUBLESHOOTING.md"
    }
}
