import CGSSAPI

/// The credential that a sign-in with Kerberos starts from.
enum GSSAPICredential {
    private static let initiate: Int32 = 1
    private static let indefinite: UInt32 = 0xFFFF_FFFF

    /// Finds the ticket of the current user, or gets one with a client keytab where there is one.
    ///
    /// Kerberos is asked by name: SPNEGO alone would not say why there is none.
    ///
    /// - Throws: ``KerberosError``.
    static func ticket(_ library: GSSAPILibrary) throws(KerberosError) -> KerberosTicket {
        var credential: gss_credential?
        var minor: UInt32 = 0
        defer { _ = library.releaseCredential(&minor, &credential) }
        let acquired = GSSAPIMechanism.kerberos.withOID { mechanism in
            var mechanisms = gss_oid_set(count: 1, elements: mechanism)
            return library.acquireCredential(
                &minor, nil, Self.indefinite, &mechanisms, Self.initiate, &credential, nil, nil
            )
        }
        try Self.check(GSSAPIStatus(major: acquired, minor: minor), principal: nil, library)

        var name: gss_name?
        var lifetime: UInt32 = 0
        defer { _ = library.releaseName(&minor, &name) }
        let inquired = library.inquireCredential(&minor, credential, &name, &lifetime, nil, nil)
        let status = GSSAPIStatus(major: inquired, minor: minor)
        let principal = name == nil ? nil : Self.text(of: name, library)
        try Self.check(status, principal: principal, library)
        guard lifetime > 0 else { throw .ticketExpired(principal: principal) }
        guard let principal else { throw .other("The ticket has no name.") }
        return KerberosTicket(principal: principal)
    }

    private static func check(
        _ status: GSSAPIStatus,
        principal: String?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) {
        guard status.isError else { return }
        let error = KerberosError(text: status.text(library), isExpired: status.isExpired)
        throw error == .ticketExpired(principal: nil) ? .ticketExpired(principal: principal) : error
    }

    private static func text(of name: gss_name?, _ library: GSSAPILibrary) -> String? {
        var buffer = gss_buffer()
        var minor: UInt32 = 0
        guard library.displayName(&minor, name, &buffer, nil) & 0xFFFF_0000 == 0 else { return nil }
        defer { _ = library.releaseBuffer(&minor, &buffer) }
        return buffer.string
    }
}
