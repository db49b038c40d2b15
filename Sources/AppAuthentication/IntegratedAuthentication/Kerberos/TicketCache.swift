/// One place where tickets are kept, and what was found there.
struct TicketCache: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        /// Tickets, which may have expired, of this principal.
        case tickets(principal: String)
        /// There is no such cache yet.
        case nothing
        case unusable(reason: String)
    }

    /// As Kerberos writes it: `FILE:/tmp/krb5cc_1000`.
    let name: String
    let content: Content

    var principal: String? {
        if case .tickets(let principal) = self.content { principal } else { nil }
    }

    var isUnusable: Bool {
        if case .unusable = self.content { true } else { false }
    }
}

extension TicketCache {
    /// The cache that a sign-in uses: that of the named user where there is one, else the default one.
    ///
    /// A default that is of no use gives way to the only other one.
    static func choice(defaultCache: TicketCache, others: [TicketCache], userName: String?) -> TicketCache {
        let usable = ([defaultCache] + others).filter { $0.principal != nil }
        if let userName {
            let wanted = userName.lowercased()
            if let named = usable.first(where: { Self.userPrincipalName(of: $0) == wanted }) { return named }
            // The realm of Active Directory may differ from the domain of the sign-in name.
            let alike = usable.filter {
                Self.userPrincipalName(of: $0)?.split(separator: "@").first == wanted.split(separator: "@").first
            }
            if alike.count == 1 { return alike[0] }
        }
        if defaultCache.principal == nil, usable.count == 1 { return usable[0] }
        return defaultCache
    }

    private static func userPrincipalName(of cache: TicketCache) -> String? {
        cache.principal.flatMap { KerberosPrincipal($0) }?.userPrincipalName.lowercased()
    }
}
