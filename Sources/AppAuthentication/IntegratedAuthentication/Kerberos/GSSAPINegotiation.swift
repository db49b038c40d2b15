import CGSSAPI
import Foundation
import Locking

/// One exchange of SPNEGO with a server; it ends with the value.
///
/// Its calls block.
final class GSSAPINegotiation: Sendable {
    /// Mutual authentication, replay and sequence detection; no delegation: the server gets no ticket of the user.
    private static let flags: UInt32 = 2 | 4 | 8

    /// Who a token is for.
    private struct Target {
        let name: String
        let type: GSSAPIMechanism

        /// What the library may look up, to ask for the name that it finds.
        init(canonicalizing host: String) {
            self.name = "HTTP@\(host)"
            self.type = .hostBasedService
        }

        /// The host as it is named, in whatever realm has it: the empty one lets domain controllers refer to each other.
        init(verbatim host: String) {
            self.name = "HTTP/\(host)@"
            self.type = .kerberosName
        }
    }

    let token: Data
    private let target: Target
    private let library: GSSAPILibrary
    /// A `gss_context`, which one thread at a time may use.
    private let context: Mutex<UInt>

    /// Gets the ticket for a server and makes the token.
    ///
    /// - Throws: ``KerberosError``.
    init(host: String, ticket: KerberosTicket, library: GSSAPILibrary) throws(KerberosError) {
        var context: gss_context?
        var target = Target(canonicalizing: host)
        do {
            self.token = try Self.begin(target, host, ticket, &context, library)
        } catch .unknownServer {
            target = Target(verbatim: host)
            self.token = try Self.begin(target, host, ticket, &context, library)
        }
        self.target = target
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
        if let failure = try self.failure(of: answer) { throw .serverNotVerified(reason: failure) }
    }

    /// What the token of a server says that refused; nil when it says nothing.
    ///
    /// - Throws: ``KerberosError``.
    func reason(inRefusal answer: Data) throws(KerberosError) -> String? {
        let failure = try self.failure(of: answer)
        return failure == Self.anotherRound ? nil : failure
    }

    private static let anotherRound = "its token asks for another round."

    /// Why Kerberos is not content with the server's token; nil when it is.
    private func failure(of answer: Data) throws(KerberosError) -> String? {
        try self.context.withLock { address throws(KerberosError) -> String? in
            // The name that the token was made for, or the library takes the answer for that of another exchange.
            let name = try Self.name(self.target, self.library)
            defer { Self.release(name, self.library) }
            var context = gss_context(bitPattern: address)
            defer { address = UInt(bitPattern: context) }
            var (status, output) = Self.step(nil, &context, name, Array(answer), self.library)
            var minor: UInt32 = 0
            _ = self.library.releaseBuffer(&minor, &output)
            if status.isError { return status.text(self.library) }
            return status.needsAnswer ? Self.anotherRound : nil
        }
    }

    /// Takes the first step, with a credential of its own: one that has failed must not be used again.
    private static func begin(
        _ target: Target,
        _ host: String,
        _ ticket: KerberosTicket,
        _ context: inout gss_context?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) -> Data {
        var minor: UInt32 = 0
        var credential = try GSSAPICredential.forNegotiation(ticket, library)
        defer { _ = library.releaseCredential(&minor, &credential) }
        let name = try Self.name(target, library)
        defer { Self.release(name, library) }
        var (status, output) = Self.step(credential, &context, name, [], library)
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

    private static func name(_ target: Target, _ library: GSSAPILibrary) throws(KerberosError) -> gss_name? {
        var name: gss_name?
        var minor: UInt32 = 0
        let bytes = Array(target.name.utf8)
        let major = target.type.withOID { type in
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
