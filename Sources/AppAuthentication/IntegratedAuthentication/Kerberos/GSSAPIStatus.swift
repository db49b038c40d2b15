import CGSSAPI

/// What a call of GSSAPI returned (RFC 2744 section 3.9).
struct GSSAPIStatus {
    let major: UInt32
    let minor: UInt32

    var isError: Bool { self.major & 0xFFFF_0000 != 0 }
    /// Whether the exchange waits for the token of the other side.
    var needsAnswer: Bool { !self.isError && self.major & 1 != 0 }
    /// GSS_S_CREDENTIALS_EXPIRED.
    var isExpired: Bool { self.major & 0x00FF_0000 == 11 << 16 }

    /// The library's words: those for the minor code, which say more, else those for the major one.
    func text(_ library: GSSAPILibrary) -> String {
        // Kerberos knows its own minor codes; SPNEGO in front of it does not.
        let texts = [Self.text(self.minor, kind: 2, library), Self.text(self.major, kind: 1, library)]
        return texts.first(where: Self.isReason)
            ?? "the library gives no reason (0x\(String(self.major, radix: 16)), \(self.minor))"
    }

    /// Whether a text says anything: what a failure is called of which nothing was kept is no reason.
    static func isReason(_ text: String) -> Bool {
        let empty = ["Success", "Unknown error", "No error", "Unspecified GSS failure", "Unknown code"]
        return !text.isBlank && !empty.contains { text.hasPrefix($0) }
    }

    private static func text(_ code: UInt32, kind: Int32, _ library: GSSAPILibrary) -> String {
        GSSAPIMechanism.kerberos.withOID { mechanism in
            var parts: [String] = []
            var position: UInt32 = 0
            repeat {
                var minor: UInt32 = 0
                var buffer = gss_buffer()
                let major = library.displayStatus(&minor, code, kind, mechanism, &position, &buffer)
                guard major & 0xFFFF_0000 == 0 else { break }
                parts.append(buffer.string)
                _ = library.releaseBuffer(&minor, &buffer)
            } while position != 0 && parts.count < 8
            return parts.joined(separator: " ")
        }
    }
}

extension gss_buffer {
    var bytes: [UInt8] {
        self.value == nil ? [] : Array(UnsafeRawBufferPointer(start: self.value, count: self.length))
    }

    var string: String { String(decoding: self.bytes, as: UTF8.self) }
}
