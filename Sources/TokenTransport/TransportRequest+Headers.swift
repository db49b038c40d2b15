extension TransportRequest {
    /// Refuses a value that would end its line and begin a header field of somebody else's making (RFC 9110 section 5.5).
    package func checkHeaders() throws {
        for header in self.headers {
            var value = header.value
            let isClean = value.withUTF8 { bytes in bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }
            guard isClean else {
                throw TransportError(.other, "The value for the header field \(header.name) holds a control character.")
            }
        }
    }
}
