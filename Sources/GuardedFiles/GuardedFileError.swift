import Glibc

/// Why a file was not read or made.
package struct GuardedFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Problem: Sendable, Hashable {
        case symbolicLink
        case notRegular
        case foreignOwner
        /// It belongs to somebody else than root.
        case notRoots
        case writableByOthers
        case writableByEverybody
        case notADirectory
        /// The group or others have rights that they must not have.
        case openToOthers(permissions: UInt32)
        case tooLarge(limit: Int)
        case unreadable(code: Int32)
        case notMade(code: Int32)
        case notWritten(code: Int32)
    }

    package let path: String
    package let problem: Problem

    init(_ path: String, _ problem: Problem) {
        self.path = path
        self.problem = problem
    }

    /// One sentence: what is wrong, and what to do where that is known.
    package var description: String {
        switch self.problem {
        case .symbolicLink: "\(self.path) was not read, because it is a symbolic link."
        case .notRegular: "\(self.path) was not read, because it is not a regular file."
        case .foreignOwner:
            "\(self.path) was not read, because it belongs to another user, who could put anything into it; "
                + "run chown on it."
        case .notRoots:
            "\(self.path) was not read, because it does not belong to root; run chown root on it."
        case .writableByOthers:
            "\(self.path) was not read, because its group or others can write to it; run chmod go-w on it."
        case .writableByEverybody:
            "\(self.path) was not read, because everybody can write to it; run chmod o-w on it."
        case .notADirectory: "\(self.path) is not a directory."
        case .openToOthers:
            "\(self.path) was not read, because its group or others can get at it; run chmod 600 on it."
        case .tooLarge(let limit): "\(self.path) was not read, because it is larger than \(limit) bytes."
        case .unreadable(let code): "\(self.path) cannot be read: \(Self.text(code))."
        case .notMade(let code): "\(self.path) cannot be made: \(Self.text(code))."
        case .notWritten(let code): "\(self.path) cannot be written: \(Self.text(code))."
        }
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
