/// Why a store could not do what it was asked.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// There is no room to write.
        case full
        /// The same may work later, without anybody changing a setting.
        case unavailable
        /// Somebody has to change a setting, a file or its mode first.
        case unusable
        /// Something else, such as a damaged database.
        case failed
    }

    package let code: Code
    /// A sentence or two for whoever runs a command: what happened, and what to do.
    package let description: String
    /// What the database said, for the log; neither statements nor values are in it.
    package let reason: String

    package init(_ code: Code, _ description: String, reason: String = "") {
        self.code = code
        self.description = description
        self.reason = reason
    }
}
