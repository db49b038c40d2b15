import AppAuthentication
import Foundation
import ProgramSupport

/// Why there is no token, method by method, as the doctor tells it.
struct FailureReport {
    let text: String

    init(_ error: AzureServiceTokenProviderError, resource: String, guide: TroubleshootingGuide) {
        let widest = error.attempts.map(\.credential.count).max() ?? 0
        let blocks = error.attempts.map { attempt in
            let name = attempt.credential.padding(toLength: widest, withPad: " ", startingAt: 0)
            return Self.block(
                "\(name)  no token",
                sentence: attempt.reason,
                help: guide.place(of: attempt.troubleshooting)
            )
        }
        let count = error.attempts.count
        let title =
            count == 1
            ? "No access token for \(TerminalText(resource))"
            : "Tried the following \(count) methods to get an access token for \(TerminalText(resource)), but none of them worked."
        self.text = ([title] + blocks).joined(separator: "\n\n")
    }

    /// A method: a line with its outcome, and below it what it said and where help is.
    static func block(_ line: String, sentence: String, help: String?) -> String {
        var lines = [line]
        lines += TerminalText(sentence).description.split(whereSeparator: \.isNewline).map { "    \($0)" }
        if let help { lines.append("    See \(help)") }
        return lines.joined(separator: "\n")
    }
}
