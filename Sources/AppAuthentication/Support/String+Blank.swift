import Foundation

extension String {
    /// Empty, or nothing but white space.
    var isBlank: Bool { self.allSatisfy(\.isWhitespace) }

    /// Without white space at either end.
    var trimmed: String { self.trimmingCharacters(in: .whitespacesAndNewlines) }
}
