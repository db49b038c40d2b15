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
        var lifetime: UInt32 = 0
        defer { _ = library.releaseCredential(&minor, &credential) }
        // Who wants to know the lifetime has the library use the client keytab here, and is told why that came to nothing.
        // Otherwise the next call does it, whose minor code is lost on the way.
        try Self.acquire(&credential, .kerberos, lifetime: &lifetime, library)

        var name: gss_name?
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

    /// A credential with which SPNEGO offers Kerberos and nothing else, NTLM least of all, whatever is installed.
    ///
    /// - Returns: A credential that the caller has to release.
    /// - Throws: ``KerberosError``.
    static func forNegotiation(_ library: GSSAPILibrary) throws(KerberosError) -> gss_credential? {
        var credential: gss_credential?
        var minor: UInt32 = 0
        // Without a wish for the lifetime: which of several tickets it is depends on the server, which is named later.
        try Self.acquire(&credential, .spnego, lifetime: nil, library)
        let limited = GSSAPIMechanism.kerberos.withSet { library.setNegotiationMechanisms(&minor, credential, $0) }
        do {
            try Self.check(GSSAPIStatus(major: limited, minor: minor), library)
        } catch {
            _ = library.releaseCredential(&minor, &credential)
            throw error
        }
        return credential
    }

    private static func acquire(
        _ credential: inout gss_credential?,
        _ mechanism: GSSAPIMechanism,
        lifetime: UnsafeMutablePointer<UInt32>?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) {
        var minor: UInt32 = 0
        let major = mechanism.withSet { mechanisms in
            library.acquireCredential(
                &minor,
                nil,
                Self.indefinite,
                mechanisms,
                Self.initiate,
                &credential,
                nil,
                lifetime
            )
        }
        try Self.check(GSSAPIStatus(major: major, minor: minor), library)
    }

    private static func check(_ status: GSSAPIStatus, _ library: GSSAPILibrary) throws(KerberosError) {
        guard status.isError else { return }
        let error = KerberosError(text: status.text(library), isExpired: status.isExpired)
        guard error == .ticketExpired(principal: nil) else { throw error }
        throw .ticketExpired(principal: KerberosCache.principal(library))
    }
}
