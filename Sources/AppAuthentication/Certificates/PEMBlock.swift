import Foundation

/// One block of a PEM file, as far as it can be told without OpenSSL what is wrong with it (RFC 7468, RFC 1421).
struct PEMBlock: Sendable, Hashable {
    let label: String
    /// Which block of the file it is, counted from 1.
    let number: Int
    /// What keeps it from being read; nil when it has a beginning, an end and base64 between them.
    let damage: String?
    /// The cipher that old tools write down in front of an encrypted key.
    let cipher: String?

    var isCertificate: Bool { ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(self.label) }
    var isPrivateKey: Bool { self.label.hasSuffix("PRIVATE KEY") }
    var isEncrypted: Bool { self.label.hasPrefix("ENCRYPTED") || self.cipher != nil }

    /// The blocks of a text, in its order.
    static func blocks(in text: String) -> [Self] {
        var blocks: [Self] = []
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
        while let line = lines.popFirst() {
            guard let label = Self.label(of: line, "-----BEGIN ") else { continue }
            let end = lines.firstIndex { $0.hasPrefix("-----") } ?? lines.endIndex
            let isClosed = end < lines.endIndex && Self.label(of: lines[end], "-----END ") == label
            let body = lines[..<end]
            blocks.append(Self(label: label, number: blocks.count + 1, body: body, isClosed: isClosed))
            lines = lines[end...].dropFirst(isClosed ? 1 : 0)
        }
        return blocks
    }

    private init(label: String, number: Int, body: ArraySlice<Substring>, isClosed: Bool) {
        self.label = label
        self.number = number
        self.cipher = body.first { $0.hasPrefix("DEK-Info:") }
            .map { $0.dropFirst("DEK-Info:".count).prefix { $0 != "," }.trimmingCharacters(in: .whitespaces) }
        let base64 = body.filter { !$0.contains(":") }.joined().filter { !$0.isWhitespace }
        self.damage =
            if !isClosed {
                "does not end with -----END \(label)-----"
            } else if base64.isEmpty {
                "is empty"
            } else if Data(base64Encoded: base64) == nil {
                "is not base64"
            } else {
                nil
            }
    }

    private static func label(of line: Substring, _ beginning: String) -> String? {
        let line = line.trimmingCharacters(in: .whitespaces)
        guard line.hasPrefix(beginning), line.hasSuffix("-----"), line.count >= beginning.count + 5 else { return nil }
        return String(line.dropFirst(beginning.count).dropLast(5))
    }
}
