import NIOCore

/// What is written to a peer of the socket for units.
enum UnitAnswer: Sendable, Equatable {
    /// The token, and nothing else.
    case token(String)
    /// No token for systemd, which is told so in the only way that it knows.
    case refusal(UnitRefusal)
    /// Nothing, for somebody whom nothing here is for.
    case nothing

    /// More than a credential may have, which is 1 MiB (`CREDENTIAL_SIZE_MAX`).
    ///
    /// systemd takes whatever it reads until the end for the credential, nothing at all too, and starts the unit with it; for
    /// more than this it fails the start. There is no other answer that does.
    private static let tooMuch = ByteBuffer(repeating: UInt8(ascii: " "), count: (1 << 20) + 4_096)

    /// The bytes, in parts that connections share where they are the same; a refusal begins with its reason, for a person who
    /// looks.
    var parts: [ByteBuffer] {
        switch self {
        case .token(let token): [ByteBuffer(string: token)]
        case .refusal(let refusal): [ByteBuffer(string: "No token: \(LogText(refusal.reason))\n"), Self.tooMuch]
        case .nothing: []
        }
    }
}

extension UnitAnswer: CustomStringConvertible, CustomReflectable {
    var description: String {
        switch self {
        case .token: "token(<redacted>)"
        case .refusal(let refusal): "refusal(\(refusal.reason))"
        case .nothing: "nothing"
        }
    }

    var customMirror: Mirror { Mirror(self, children: [:]) }
}
