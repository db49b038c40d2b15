import Foundation

/// A file of this project that a test changes only where its machine is another.
struct SiteText {
    private(set) var text: String
    private let name: String

    init(_ name: String) throws {
        self.name = name
        self.text = try String(contentsOf: Checkout.root.appending(path: name), encoding: .utf8)
    }

    /// Puts one text for another, everywhere.
    ///
    /// - Throws: where there is none: what the test would run then is not what it means to.
    mutating func replace(_ old: String, by new: String) throws {
        guard self.text.contains(old) else {
            throw ChildProcess.Failure(description: "\(self.name) has no \(old)")
        }
        self.text = self.text.replacing(old, with: new)
    }

    /// Takes out the lines that hold one of these.
    mutating func removeLines(with words: [String]) throws {
        let lines = self.text.components(separatedBy: "\n")
        let kept = lines.filter { line in !words.contains { line.contains($0) } }
        guard kept.count < lines.count else {
            throw ChildProcess.Failure(description: "\(self.name) has no line with \(words)")
        }
        self.text = kept.joined(separator: "\n")
    }

    func write(to directory: URL, as name: String) throws {
        try self.text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
    }
}
