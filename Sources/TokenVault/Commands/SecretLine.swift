import Foundation

/// A line that is typed or pasted into a terminal which edits nothing itself.
struct SecretLine: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case more
        case done
        case interrupted
    }

    private(set) var data = Data()
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes what was typed, up to the end of the line.
    mutating func take(_ bytes: some Sequence<UInt8>) -> Step {
        for byte in bytes {
            switch byte {
            case 0x03: return .interrupted
            // Ctrl-D, and Enter.
            case 0x04, 0x0A, 0x0D: return .done
            case 0x08, 0x7F: _ = self.data.popLast()
            // Ctrl-U.
            case 0x15: self.data.removeAll()
            default:
                self.data.append(byte)
                guard self.data.count <= self.limit else { return .done }
            }
        }
        return .more
    }
}
