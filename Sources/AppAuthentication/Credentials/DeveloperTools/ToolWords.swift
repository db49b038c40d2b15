/// What a tool says of its failure, short enough to be read.
///
/// A tool that is written in Python prints where it was, for forty lines and more, and the cause last.
struct ToolWords: Sendable {
    private static let longest = 12

    private let lines: [Substring]

    init(_ standardError: String) {
        self.lines = ToolText(standardError).plain.split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// All of it, a line each; of many lines the first, what Microsoft Entra ID said, the cause, and how many are left out.
    var summary: String {
        guard self.lines.count > Self.longest, let first = self.lines.first else {
            return self.lines.map { $0 + "\n" }.joined()
        }
        let last = self.lines.endIndex - 1
        let cause = self.lines.lastIndex(where: Self.isCause) ?? last
        // The one word of many that can be looked up.
        let answer = self.lines.lastIndex { $0.contains("AADSTS") } ?? cause
        let chosen = Set([answer, cause]).subtracting([0]).sorted()
        let leftOut = "(\(self.lines.count - 1 - chosen.count) lines left out)"
        return ([String(first.prefix(500)), leftOut] + chosen.map { String(self.lines[$0].prefix(1_000)) })
            .map { $0 + "\n" }.joined()
    }

    /// Whether the tool could not get at its own files.
    var isAboutItsFiles: Bool {
        self.lines.contains { line in
            ["PermissionError", "Permission denied", "Read-only file system", "Errno 13", "Errno 30"].contains {
                line.contains($0)
            }
        }
    }

    /// As in `PermissionError: [Errno 13] …`, where nothing stands before the name of the error.
    private static func isCause(_ line: Substring) -> Bool {
        let name = line.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
        return line.dropFirst(name.count).hasPrefix(": ") && (name.hasSuffix("Error") || name.hasSuffix("Exception"))
    }
}
