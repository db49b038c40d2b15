import Foundation

extension Data {
    /// Base64 with the alphabet for URLs, and without padding (RFC 7515 section 2).
    func base64URLEncodedString() -> String {
        String(
            self.base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            }
        )
    }

    /// Reads either alphabet of base64, with or without padding.
    init?(base64URL text: some StringProtocol) {
        let digits = String(text).replacing("-", with: "+").replacing("_", with: "/").prefix { $0 != "=" }
        self.init(base64Encoded: digits + String(repeating: "=", count: (4 - digits.count % 4) % 4))
    }
}
