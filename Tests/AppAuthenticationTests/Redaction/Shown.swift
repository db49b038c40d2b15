import Foundation
import TestSupport

@testable import AppAuthentication

/// Everything that anybody could see of what a program holds: each way in which Swift makes a text of a value.
struct Shown: Sendable {
    let log = LogCapture()
    private let texts = Box("")

    func add(_ value: Any) {
        var text = "\(value)\n\(String(describing: value))\n\(String(reflecting: value))\n\([value])\n"
        dump(value, to: &text)
        if let value = value as? any CustomStringConvertible { text += value.description + "\n" }
        if let value = value as? any CustomDebugStringConvertible { text += value.debugDescription + "\n" }
        if let error = value as? any Error { text += "\(error.localizedDescription)\n\(error as NSError)\n" }
        self.texts.withLock { [text] in $0 += text }
    }

    /// Those of the secrets that can be read somewhere, or a part of them that is long enough to be of use.
    func leaks(of secrets: Set<String>) -> [String] {
        // Bytes, because texts are searched character by character.
        let all = Data((self.texts.value + self.log.text).utf8)
        let pieces = secrets.flatMap { $0.split(separator: ".").map(String.init) }.filter { $0.count >= 8 }
        return pieces.filter { all.range(of: Data($0.utf8)) != nil }
    }
}
