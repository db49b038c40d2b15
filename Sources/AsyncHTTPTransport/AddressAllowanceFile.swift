import Foundation
import GuardedFiles
package import TokenTransport

/// A file of root's with one address or range a line, and `#` before a remark.
package struct AddressAllowanceFile: Sendable {
    /// Why the file cannot be used, with what to do.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Where it is.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// The ranges that are in it.
    ///
    /// - Throws: ``Failure`` or `GuardedFileError`.
    package func ranges() throws -> [AddressRange] {
        let file = GuardedFile(path: self.path, privacy: .ownedByRoot, links: .refused, sizeLimit: 64 * 1024)
        guard let contents = try file.contents() else { throw Failure(description: "\(self.path) does not exist.") }
        return try Self.ranges(in: String(decoding: contents, as: UTF8.self), path: self.path)
    }

    static func ranges(in text: String, path: String) throws -> [AddressRange] {
        try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            let entry = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !entry.isEmpty else { return nil }
            guard let range = AddressRange(entry) else {
                throw Failure(
                    description: "Line \(number + 1) of \(path) is no address or range: write 10.1.2.3 or 10.0.0.0/8."
                )
            }
            return range
        }
    }
}
