/// A provider file that cannot be used.
package struct ProviderFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    package let reason: String

    package init(file: String, reason: String) {
        self.file = file
        self.reason = reason
    }

    package var description: String { "The provider file \(self.file) cannot be used: \(self.reason)" }
}
