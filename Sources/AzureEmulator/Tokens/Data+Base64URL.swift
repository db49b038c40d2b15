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
}
