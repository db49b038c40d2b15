import COpenSSL

/// The name of a certificate's subject as .NET writes it, which is what `CertificateSubjectName` is compared with.
///
/// .NET begins with the part that is encoded last, usually the common name, and separates parts by a comma and a space
/// (`X500DistinguishedName.Name`).
enum DistinguishedName {
    private static let names = [
        "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "S",
        "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "T", "2.5.4.13": "Description",
        "2.5.4.17": "PostalCode", "2.5.4.18": "POBox", "2.5.4.20": "Phone", "2.5.4.24": "X21Address",
        "2.5.4.42": "G", "2.5.4.43": "I", "2.5.4.46": "dnQualifier", "1.2.840.113549.1.9.1": "E",
        "0.9.2342.19200300.100.1.25": "DC",
    ]

    static func text(of name: OpaquePointer?) -> String {
        var parts: [(set: Int32, text: String)] = []
        for index in 0..<max(0, X509_NAME_entry_count(name)) {
            guard let entry = X509_NAME_get_entry(name, index) else { continue }
            let text = "\(Self.key(X509_NAME_ENTRY_get_object(entry)))=\(Self.value(X509_NAME_ENTRY_get_data(entry)))"
            let set = X509_NAME_ENTRY_set(entry)
            if let last = parts.last, last.set == set {
                parts[parts.count - 1].text = "\(last.text) + \(text)"
            } else {
                parts.append((set, text))
            }
        }
        return parts.reversed().map(\.text).joined(separator: ", ")
    }

    private static func key(_ object: OpaquePointer?) -> String {
        let number = Self.text(of: object, asNumber: true)
        if let name = Self.names[number] { return name }
        // .NET on Linux asks OpenSSL for the names that it does not know.
        let name = Self.text(of: object, asNumber: false)
        return name == number ? "OID.\(number)" : name
    }

    private static func text(of object: OpaquePointer?, asNumber: Bool) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = OBJ_obj2txt(&buffer, Int32(buffer.count), object, asNumber ? 1 : 0)
        let bytes = buffer.prefix(Int(max(0, min(count, Int32(buffer.count - 1))))).map(UInt8.init(bitPattern:))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(_ data: UnsafeMutablePointer<ASN1_STRING>?) -> String {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&bytes, data)
        guard count >= 0, let bytes else { return "" }
        defer { CRYPTO_free(bytes, nil, 0) }
        return Self.quoted(String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self))
    }

    private static func quoted(_ value: String) -> String {
        let scalars = value.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return "\"\"" }
        let isPlain =
            !Self.isBlank(first) && !Self.isBlank(last)
            && !scalars.contains { ",+=\"\n<>#;".unicodeScalars.contains($0) }
        return isPlain ? value : "\"\(value.replacing("\"", with: "\"\""))\""
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (0x09...0x0D).contains(scalar.value)
    }
}
