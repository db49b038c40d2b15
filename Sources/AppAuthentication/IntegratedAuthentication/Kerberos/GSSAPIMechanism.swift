import CGSSAPI

/// The object identifiers of GSSAPI, in their DER encoding.
enum GSSAPIMechanism {
    /// 1.2.840.113554.1.2.2 (RFC 4121)
    case kerberos
    /// 1.3.6.1.5.5.2 (RFC 4178)
    case spnego
    /// 1.2.840.113554.1.2.1.4: a name of the form `service@host` (RFC 2743 section 4.1)
    case hostBasedService
    /// 1.2.840.113554.1.2.2.1: a name as Kerberos writes it (RFC 1964 section 2.1.1)
    case kerberosName

    private var encoding: [UInt8] {
        switch self {
        case .kerberos: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02]
        case .spnego: [0x2B, 0x06, 0x01, 0x05, 0x05, 0x02]
        case .hostBasedService: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x01, 0x04]
        case .kerberosName: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02, 0x01]
        }
    }

    /// Lends the identifier for one call.
    func withOID<Result>(_ body: (UnsafeMutablePointer<gss_oid>) throws -> Result) rethrows -> Result {
        var bytes = self.encoding
        let count = UInt32(bytes.count)
        return try bytes.withUnsafeMutableBytes { elements in
            var identifier = gss_oid(length: count, elements: elements.baseAddress)
            return try body(&identifier)
        }
    }

    /// Lends a set of this identifier alone for one call.
    func withSet<Result>(_ body: (UnsafeMutablePointer<gss_oid_set>) throws -> Result) rethrows -> Result {
        try self.withOID { mechanism in
            var set = gss_oid_set(count: 1, elements: mechanism)
            return try body(&set)
        }
    }
}
