import Crypto
import Foundation

/// The key that an application signs with what it gives to browsers, so that nobody else can make or change that.
///
/// Instances of an application that share the key share their browsers. A new key makes all browsers new ones.
public struct SessionKey: Sendable {
    /// Of the key, in bytes.
    static let size = 32

    private let key: SymmetricKey

    /// Makes a new one, from the system's random numbers; it is over when the program ends.
    public init() {
        self.key = SymmetricKey(size: .bits256)
    }

    /// Reads 64 hexadecimal digits, with a line feed behind them or without; nil for anything else.
    public init?(hexadecimal text: String) {
        guard
            let bytes = Hexadecimal.bytes(text.trimmingCharacters(in: .newlines)), bytes.count == Self.size
        else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    /// The key itself, a secret: 64 hexadecimal digits.
    public var hexadecimal: String { self.key.withUnsafeBytes { Hexadecimal.text($0) } }

    /// The code of some texts for one purpose: 64 hexadecimal digits.
    func code(for purpose: Purpose, _ texts: [String]) -> String {
        Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: Self.message(purpose, texts), using: self.key))
    }

    /// Whether a code is that of these texts; takes as long for a wrong one.
    func isCode(_ code: some StringProtocol, for purpose: Purpose, _ texts: [String]) -> Bool {
        guard let bytes = Hexadecimal.bytes(code) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            bytes,
            authenticating: Self.message(purpose, texts),
            using: self.key
        )
    }

    /// What a code is good for; one for something else is none.
    enum Purpose: String, Sendable {
        case cookie
        case callback
        case form
    }

    /// Each text with its length, so that no two lists make one message.
    private static func message(_ purpose: Purpose, _ texts: [String]) -> Data {
        Data(([purpose.rawValue] + texts).map { "\($0.utf8.count):\($0)" }.joined().utf8)
    }
}

extension SessionKey: CustomStringConvertible, CustomReflectable {
    /// The name of the type; the key itself is a secret.
    public var description: String { "SessionKey(<redacted>)" }
    /// The same.
    public var customMirror: Mirror { Mirror(self, children: ["key": "<redacted>"]) }
}
