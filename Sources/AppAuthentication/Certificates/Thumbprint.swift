/// A thumbprint as people copy it.
enum Thumbprint {
    /// The digits of a SHA-1 in hexadecimal.
    static let length = 40

    /// What was meant: without spaces, colons and hyphens between the digits, and without the invisible mark that the
    /// certificate manager of Windows puts in front of them (U+200E).
    static func digits(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .format
                && ![":", "-"].contains(scalar)
        }
        return String(String.UnicodeScalarView(scalars)).uppercased()
    }

    /// What is wrong with a thumbprint that nothing matches; nil when it is one.
    static func problem(with text: String) -> String? {
        let digits = Self.digits(text)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) }) else {
            return "CertificateThumbprint has characters that are no hexadecimal digits."
        }
        return switch digits.count {
        case Self.length: nil
        case 64:
            "CertificateThumbprint has 64 hexadecimal digits, which is a SHA-256 one; give the SHA-1 one, which has 40."
        case let count:
            "CertificateThumbprint has \(count) hexadecimal digits, and a SHA-1 one has 40: copy it again."
        }
    }
}
