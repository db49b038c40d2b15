import CGSSAPI

/// A look at the caches and the keytab of this process with libkrb5; it ends with the value.
///
/// GSSAPI is handed no cache that was not opened here first: versions 1.20 to 1.21.2 of the library end the process when a
/// cache that they cannot read is asked for twice.
struct KerberosContext: ~Copyable {
    private static let noCache: Int32 = -1_765_328_189  // KRB5_FCC_NOFILE
    private static let maxCaches = 100

    private let library: KerberosLibrary
    private let context: krb5_context?

    /// Reads the configuration.
    ///
    /// - Throws: ``KerberosError``.
    init(_ library: KerberosLibrary, configuration: String) throws(KerberosError) {
        self.library = library
        var context: krb5_context?
        let code = library.initContext(&context)
        self.context = context
        guard code == 0 else {
            throw .configuration(files: configuration, reason: Self.reason(code, nil, library))
        }
    }

    deinit {
        if let context { self.library.freeContext(context) }
    }

    /// The name of the cache that is used when no other is asked for; it need not exist.
    var defaultCacheName: String {
        self.library.defaultCacheName(self.context).map { String(cString: $0) } ?? ""
    }

    /// The default cache.
    ///
    /// The call blocks on the service that keeps it.
    func defaultCache() -> TicketCache {
        let name = self.defaultCacheName
        if let obstacle = KerberosFile.obstacle(named: name) {
            return TicketCache(name: name, content: .unusable(reason: obstacle))
        }
        var cache: krb5_cache?
        let code = self.library.defaultCache(self.context, &cache)
        guard code == 0 else {
            let content: TicketCache.Content =
                code == Self.noCache ? .nothing : .unusable(reason: self.reason(code))
            return TicketCache(name: name, content: content)
        }
        defer { _ = self.library.closeCache(self.context, cache) }
        return self.content(of: cache, fallbackName: name)
    }

    /// The other caches of the collection that the default one belongs to.
    func otherCaches(than defaultCache: TicketCache) -> [TicketCache] {
        guard KerberosFile.obstacle(named: self.defaultCacheName) == nil else { return [] }
        var cursor: krb5_cccol_cursor?
        guard self.library.beginCollection(self.context, &cursor) == 0 else { return [] }
        defer { _ = self.library.endCollection(self.context, &cursor) }
        var caches: [TicketCache] = []
        while caches.count < Self.maxCaches {
            var cache: krb5_cache?
            guard self.library.nextOfCollection(self.context, cursor, &cache) == 0, let found = cache else { break }
            defer { _ = self.library.closeCache(self.context, found) }
            let content = self.content(of: found, fallbackName: "")
            if content.name != defaultCache.name { caches.append(content) }
        }
        return caches
    }

    private func content(of cache: krb5_cache?, fallbackName: String) -> TicketCache {
        let name = self.name(of: cache) ?? fallbackName
        if let obstacle = KerberosFile.obstacle(named: name) {
            return TicketCache(name: name, content: .unusable(reason: obstacle))
        }
        var principal: krb5_principal?
        let code = self.library.cachePrincipal(self.context, cache, &principal)
        guard code == 0 else {
            let content: TicketCache.Content =
                code == Self.noCache ? .nothing : .unusable(reason: self.reason(code))
            return TicketCache(name: name, content: content)
        }
        defer { self.library.freePrincipal(self.context, principal) }
        var text: UnsafeMutablePointer<CChar>?
        guard self.library.unparseName(self.context, principal, &text) == 0, let text else {
            return TicketCache(name: name, content: .unusable(reason: "the name in it cannot be read"))
        }
        defer { self.library.freeName(self.context, text) }
        return TicketCache(name: name, content: .tickets(principal: String(cString: text)))
    }

    private func name(of cache: krb5_cache?) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard self.library.cacheName(self.context, cache, &text) == 0, let text else { return nil }
        defer { self.library.freeString(self.context, text) }
        return String(cString: text)
    }

    /// The client keytab.
    ///
    /// - Parameter isNamed: Whether somebody has named one, so that it is a fault when it is missing.
    /// - Returns: Whether there is one that can be used.
    func clientKeytab(isNamed: Bool) -> ClientKeytab {
        var keytab: krb5_keytab?
        let opened = self.library.clientKeytab(self.context, &keytab)
        guard opened == 0 else { return isNamed ? .unusable(name: "", reason: self.reason(opened)) : .absent }
        defer { _ = self.library.closeKeytab(self.context, keytab) }
        var buffer = [CChar](repeating: 0, count: 1100)
        let named = self.library.keytabName(self.context, keytab, &buffer, UInt32(buffer.count))
        let name =
            named == 0 ? String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        if let obstacle = KerberosFile.obstacle(named: name) { return .unusable(name: name, reason: obstacle) }
        let code = self.library.keytabHasContent(self.context, keytab)
        if code == 0 { return .usable(name: name) }
        if !isNamed, KerberosFile.isMissing(named: name) { return .absent }
        return .unusable(name: name, reason: self.reason(code))
    }

    private func reason(_ code: Int32) -> String { Self.reason(code, self.context, self.library) }

    private static func reason(_ code: Int32, _ context: krb5_context?, _ library: KerberosLibrary) -> String {
        guard let text = library.errorMessage(context, code) else { return "error \(code)" }
        defer { library.freeErrorMessage(context, text) }
        return String(cString: text)
    }
}
