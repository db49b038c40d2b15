import CGSSAPI
import Foundation
import GuardedFiles

/// The credential that a sign-in with Kerberos starts from.
enum GSSAPICredential {
    private static let initiate: Int32 = 1
    private static let indefinite: UInt32 = 0xFFFF_FFFF
    /// Where tickets that a client keytab gets are kept when the usual place cannot be used.
    private static let memoryCache = "MEMORY:app-authentication"

    /// Finds the ticket of a user, or gets one with a client keytab where there is one.
    ///
    /// - Parameters:
    ///   - userName: Whose ticket is preferred where there are several.
    ///   - library: GSSAPI.
    ///   - progress: Told before each thing that may take for ever.
    /// - Returns: The ticket, and where it is.
    /// - Throws: ``KerberosError``.
    static func ticket(
        of userName: String?,
        _ library: GSSAPILibrary,
        progress: (KerberosStage) -> Void
    ) throws(KerberosError) -> KerberosTicket {
        guard let kerberos = KerberosLibrary(library) else { throw .noLibrary }
        let configuration = Self.variable("KRB5_CONFIG") ?? "/etc/krb5.conf"
        for file in configuration.split(separator: ":") where FileKind(path: String(file)) == .pipe {
            throw .configuration(files: configuration, reason: "\(file) is a pipe")
        }
        let context = try KerberosContext(kerberos, configuration: configuration)
        progress(.cache(context.defaultCacheName))
        let defaultCache = context.defaultCache()
        let others =
            userName == nil && defaultCache.principal != nil ? [] : context.otherCaches(than: defaultCache)
        let choice = TicketCache.choice(defaultCache: defaultCache, others: others, userName: userName)
        let isKeytabNamed = Self.variable("KRB5_CLIENT_KTNAME") != nil
        let cache = try Self.cache(choice, keytab: context.clientKeytab(isNamed: isKeytabNamed))
        progress(.domainController)
        return try Self.ticket(in: cache, owner: choice.principal, library)
    }

    /// The cache to use: one with tickets, or a place for those that a client keytab gets.
    static func cache(_ cache: TicketCache, keytab: ClientKeytab) throws(KerberosError) -> String {
        switch (cache.content, keytab) {
        case (.tickets, _), (.nothing, .usable): return cache.name
        // Any user of the machine can put something useless where the tickets of another one are to be.
        case (.unusable, .usable): return Self.memoryCache
        case (.nothing, .unusable(let name, let reason)):
            throw .unusableKeytab(name: name, reason: reason, cache: cache.name)
        case (.nothing, .absent): throw .noTicket(cache: cache.name)
        case (.unusable(let reason), _): throw .unusableCache(name: cache.name, reason: reason)
        }
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The ticket in a cache that is known to be readable.
    ///
    /// Kerberos is asked by name: SPNEGO alone would not say why there is none.
    ///
    /// - Parameters:
    ///   - cache: The name of the cache.
    ///   - owner: Whose tickets it has, if any.
    ///   - library: GSSAPI.
    /// - Returns: The ticket, with the name that Kerberos has for its owner.
    /// - Throws: ``KerberosError``.
    static func ticket(
        in cache: String,
        owner: String?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) -> KerberosTicket {
        var credential: gss_credential?
        var minor: UInt32 = 0
        var lifetime: UInt32 = 0
        defer { _ = library.releaseCredential(&minor, &credential) }
        // Who wants to know the lifetime has the library use the client keytab here, and is told why that came to nothing.
        // Otherwise the next call does it, whose minor code is lost on the way.
        try Self.acquire(&credential, .kerberos, cache: cache, owner: owner, lifetime: &lifetime, library)

        var name: gss_name?
        defer { _ = library.releaseName(&minor, &name) }
        let inquired = library.inquireCredential(&minor, credential, &name, &lifetime, nil, nil)
        try Self.check(GSSAPIStatus(major: inquired, minor: minor), cache: cache, owner: owner, library)
        guard lifetime > 0 else { throw .ticketExpired(principal: owner) }
        var text = gss_buffer()
        let displayed = library.displayName(&minor, name, &text, nil)
        try Self.check(GSSAPIStatus(major: displayed, minor: minor), cache: cache, owner: owner, library)
        defer { _ = library.releaseBuffer(&minor, &text) }
        return KerberosTicket(principal: text.string, cache: cache)
    }

    /// A credential with which SPNEGO offers Kerberos and nothing else, NTLM least of all, whatever is installed.
    ///
    /// - Returns: A credential that the caller has to release.
    /// - Throws: ``KerberosError``.
    static func forNegotiation(
        _ ticket: KerberosTicket,
        _ library: GSSAPILibrary
    ) throws(KerberosError) -> gss_credential? {
        var credential: gss_credential?
        var minor: UInt32 = 0
        let owner = ticket.principal
        try Self.acquire(&credential, .spnego, cache: ticket.cache, owner: owner, lifetime: nil, library)
        let limited = GSSAPIMechanism.kerberos.withSet { library.setNegotiationMechanisms(&minor, credential, $0) }
        do {
            try Self.check(GSSAPIStatus(major: limited, minor: minor), cache: ticket.cache, owner: owner, library)
        } catch {
            _ = library.releaseCredential(&minor, &credential)
            throw error
        }
        return credential
    }

    private static func acquire(
        _ credential: inout gss_credential?,
        _ mechanism: GSSAPIMechanism,
        cache: String,
        owner: String?,
        lifetime: UnsafeMutablePointer<UInt32>?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) {
        var minor: UInt32 = 0
        // The very cache that was looked at, whichever one the library would have chosen for the server.
        let major = cache.withCString { name in
            "ccache".withCString { key in
                var element = gss_key_value(key: key, value: name)
                return withUnsafeMutablePointer(to: &element) { elements in
                    var store = gss_key_value_set(count: 1, elements: elements)
                    return mechanism.withSet { mechanisms in
                        library.acquireCredentialFrom(
                            &minor,
                            nil,
                            Self.indefinite,
                            mechanisms,
                            Self.initiate,
                            &store,
                            &credential,
                            nil,
                            lifetime
                        )
                    }
                }
            }
        }
        try Self.check(GSSAPIStatus(major: major, minor: minor), cache: cache, owner: owner, library)
    }

    private static func check(
        _ status: GSSAPIStatus,
        cache: String,
        owner: String?,
        _ library: GSSAPILibrary
    ) throws(KerberosError) {
        guard status.isError else { return }
        switch KerberosError(text: status.text(library), isExpired: status.isExpired) {
        case .ticketExpired(nil): throw .ticketExpired(principal: owner)
        case .noTicket: throw .noTicket(cache: cache)
        case let error: throw error
        }
    }
}
