import CGSSAPI
import Foundation
import Locking

/// One exchange of SPNEGO with a server; it ends with the value.
///
/// Its calls block.
final class GSSAPINegotiation: Sendable {
    /// Mutual authentication, replay and sequence detection; no delegation: the server gets no ticket of the user.
    private static let flags: UInt32 = 2 | 4 | 8

    let token: Data
    private let host: String
    private let library: GSSAPILibrary
    /// A `gss_context`, which one thread at a time may use.
    private let context: Mutex<UInt>

    /// Gets the ticket for a server and makes the token.
    ///
    /// - Throws: ``KerberosError``.
    init(host: String, library: GSSAPILibrary) throws(KerberosError) {
        var credential = try GSSAPICredential.forNegotiation(library)
        var minor: UInt32 = 0
        defer { _ = library.releaseCredential(&minor, &credential) }
        var context: gss_context?
        do {
            self.token = try Self.begin("HTTP@\(host)", .hostBasedService, host, credential, &context, library)
        } catch .unknownServer {
            // The library may have looked the host up and asked for the name that it found.
            self.token = try Self.begin("HTTP/\(host)", .kerberosName, host, credential, &context, library)
        }
        self.host = host
        self.library = library
        self.context = Mutex(UInt(bitPattern: context))
    }

    deinit {
        self.context.withLock { address in
            var context = gss_context(bitPattern: address)
            var minor: UInt32 = 0
            _ = self.library.deleteContext(&minor, &context, nil)
            address = 0
        }
    }

    /// Hands the server's token to Kerberos, which has to be content with it.
    ///
    /// - Throws: ``KerberosError``.
    func verify(_ answer: Data) throws(KerberosError) {
        let failure = try self.context.withLock { address throws(KerberosError) -> String? in
            let name = try Self.name("HTTP@\(self.host)", .hostBasedService, self.library)
            defer { Self.release(name, self.library) }
            var context = gss_context(bitPattern: address)
            defer { address = UInt(bitPattern: context) }
            var (status, output) = Self.step(nil, &context, name, Array(answer), self.library)
            var minor: UInt32 = 0
            _ = self.library.releaseBuffer(&minor, &output)
            if status.isError { return status.text(self.library) }
            return status.needsAnswer ? "its token asks for another round." : nil
        }
        if let failure { throw .serverNotVerified(reason: failure) }
    }

    private static func begin(
        _ name: String,
        _ type: GSSAPIMechanism,
        _ host: String,
        _ credential: gss_credential?,
        _ context: inout gss_context?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) -> Data {
        let target = try Self.name(name, type, library)
        defer { Self.release(target, library) }
        var (status, output) = Self.step(credential, &context, target, [], library)
        var minor: UInt32 = 0
        defer { _ = library.releaseBuffer(&minor, &output) }
        guard !status.isError, output.length > 0 else {
            let text = status.text(library)
            _ = library.deleteContext(&minor, &context, nil)
            context = nil
            throw KerberosError(text: text, isExpired: status.isExpired, host: host)
        }
        return Data(output.bytes)
    }

    private static func step(
        _ credential: gss_credential?,
        _ context: inout gss_context?,
        _ target: gss_name?,
        _ input: [UInt8],
        _ library: GSSAPILibrary
    ) -> (GSSAPIStatus, gss_buffer) {
        var output = gss_buffer()
        var minor: UInt32 = 0
        // An empty token counts as none (RFC 2744 section 5.19).
        let major = GSSAPIMechanism.spnego.withOID { mechanism in
            input.withBuffer { input in
                library.initializeContext(
                    &minor,
                    credential,
                    &context,
                    target,
                    mechanism,
                    Self.flags,
                    0,
                    nil,
                    input,
                    nil,
                    &output,
                    nil,
                    nil
                )
            }
        }
        return (GSSAPIStatus(major: major, minor: minor), output)
    }

    private static func name(
        _ text: String,
        _ type: GSSAPIMechanism,
        _ library: GSSAPILibrary
    ) throws(KerberosError) -> gss_name? {
        var name: gss_name?
        var minor: UInt32 = 0
        let bytes = Array(text.utf8)
        let major = type.withOID { type in
            bytes.withBuffer { library.importName(&minor, $0, type, &name) }
        }
        let status = GSSAPIStatus(major: major, minor: minor)
        guard !status.isError else { throw KerberosError(text: status.text(library)) }
        return name
    }

    private static func release(_ name: gss_name?, _ library: GSSAPILibrary) {
        var name = name
        var minor: UInt32 = 0
        _ = library.releaseName(&minor, &name)
    }
}

extension [UInt8] {
    /// Lends the bytes to one call as a buffer of GSSAPI.
    fileprivate func withBuffer<Result>(_ body: (UnsafePointer<gss_buffer>) -> Result) -> Result {
        var bytes = self
        return bytes.withUnsafeMutableBytes { bytes in
            var buffer = gss_buffer(length: bytes.count, value: bytes.baseAddress)
            return body(&buffer)
        }
    }
}
