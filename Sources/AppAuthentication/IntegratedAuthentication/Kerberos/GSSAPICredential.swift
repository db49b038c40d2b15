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
            var wanted = gss_oid_set(count: 1, elements: mechanism)
            let lifetime = Self.indefinite
            return library.acquireCredential(&minor, nil, lifetime, &wanted, Self.initiate, &credential, nil, nil)
        }
        try Self.check(GSSAPIStatus(major: acquired, minor: minor), library)

        var name: gss_name?
        var lifetime: UInt32 = 0
        defer { _ = library.releaseName(&minor, &name) }
        let inquired = library.inquireCredential(&minor, credential, &name, &lifetime, nil, nil)
        try Self.check(GSSAPIStatus(major: inquired, minor: minor), library)
        guard lifetime > 0 else { throw .ticketExpired(principal: KerberosCache.principal(library)) }
        var text = gss_buffer()
        let displayed = library.displayName(&minor, name, &text, nil)
        try Self.check(GSSAPIStatus(major: displayed, minor: minor), library)
        defer { _ = library.releaseBuffer(&minor, &text) }
        return KerberosTicket(principal: text.string)
    }

    private static func check(_ status: GSSAPIStatus, _ library: GSSAPILibrary) throws(KerberosError) {
        guard status.isError else { return }
        let error = KerberosError(text: status.text(library), isExpired: status.isExpired)
        guard error == .ticketExpired(principal: nil) else { throw error }
        throw .ticketExpired(principal: KerberosCache.principal(library))
    }
}
