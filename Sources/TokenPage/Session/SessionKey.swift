import Crypto
import Foundation

/// The key that the page signs what it gives to browsers with, so that nobody else can make or change that.
struct SessionKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// Of the key, in bytes.
    static let size = 32

    private let key: SymmetricKey

    /// A new one, from the system's random numbers.
    init() {
        self.key = SymmetricKey(size: .bits256)
    }

    /// Reads 64 hexadecimal digits, with a line feed behind them or without.
    init?(hexadecimal text: String) {
        guard
            let bytes = Hexadecimal.bytes(text.trimmingCharacters(in: .newlines)), bytes.count == Self.size
        else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    var hexadecimal: String { self.key.withUnsafeBytes { Hexadecimal.text($0) } }

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

    var description: String { "SessionKey(<redacted>)" }
    var customMirror: Mirror { Mirror(self, children: ["key": "<redacted>"]) }
}
