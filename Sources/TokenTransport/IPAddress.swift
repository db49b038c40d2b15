#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An address of IPv4 or IPv6, parsed and not compared as text.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen.
    package let bytes: [UInt8]

    /// Takes four or sixteen bytes, in the order of the network.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Takes the dotted form with four parts and the forms of RFC 4291, also in brackets; nothing else, such as `127.1`.
    package init?(_ text: String) {
        let text = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            self.bytes = withUnsafeBytes(of: version4) { Array($0) }
            return
        }
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, text, &version6) == 1 else { return nil }
        self.bytes = withUnsafeBytes(of: version6) { Array($0) }
    }

    /// The usual form, without brackets.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = self.bytes.count == 4 ? AF_INET : AF_INET6
        let isWritten = self.bytes.withUnsafeBytes {
            inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) != nil
        }
        guard isWritten else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The address of IPv4 that one of IPv6 stands for or is reached by, if there is one.
    package var embedded: IPAddress? {
        guard self.bytes.count == 16 else { return nil }
        let embeddings: [(range: String, offset: Int, isInverted: Bool)] = [
            ("::ffff:0:0/96", 12, false),  // mapped, RFC 4291 section 2.5.5.2
            ("::/96", 12, false),  // compatible, section 2.5.5.1
            ("::ffff:0:0:0/96", 12, false),  // translated, RFC 2765
            ("64:ff9b::/96", 12, false),  // NAT64, RFC 6052
            ("2002::/16", 2, false),  // 6to4, RFC 3056
            ("2001::/32", 12, true),  // Teredo, RFC 4380
        ]
        for embedding in embeddings where AddressRange(embedding.range)?.contains(self) == true {
            let part = self.bytes[embedding.offset..<embedding.offset + 4]
            return IPAddress(bytes: part.map { embedding.isInverted ? ~$0 : $0 })
        }
        return nil
    }
}
