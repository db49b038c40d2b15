import Foundation

/// The commands of a document, as somebody who follows it types them.
struct TutorialText {
    struct Block {
        let commands: String
        /// What it needs that no test has, as the comment before it says; nil where a test runs it.
        let need: String?
    }

    let blocks: [Block]

    /// - Throws: An error of the file.
    init(of file: URL) throws {
        var blocks: [Block] = []
        var commands: [Substring]?
        var need: String?
        for line in try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ) {
            if line.hasPrefix("```") {
                if let text = commands {
                    blocks.append(Block(commands: text.joined(separator: "\n"), need: need))
                    (commands, need) = (nil, nil)
                } else {
                    commands = []
                }
            } else if commands != nil {
                commands?.append(line)
            } else if line.hasPrefix("<!-- "), line.hasSuffix(" -->") {
                need = String(line.dropFirst(5).dropLast(4))
            } else if !line.isEmpty {
                need = nil
            }
        }
        self.blocks = blocks
    }
}
