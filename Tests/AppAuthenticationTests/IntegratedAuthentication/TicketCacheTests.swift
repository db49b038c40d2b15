import Testing

@testable import AppAuthentication

struct TicketCacheTests {
    private static func cache(_ principal: String) -> TicketCache {
        TicketCache(name: "DIR::/t/\(principal)", content: .tickets(principal: principal))
    }

    private static let nothing = TicketCache(name: "FILE:/none", content: .nothing)
    private static let bad = TicketCache(name: "FILE:/bad", content: .unusable(reason: "Bad format"))

    @Test(
        arguments: [
            // Nobody is named: the default one, unless it is of no use and there is one other.
            (nil, cache("ann@A.TEST"), [cache("bob@A.TEST")], cache("ann@A.TEST")),
            (nil, nothing, [], nothing),
            (nil, nothing, [cache("bob@A.TEST")], cache("bob@A.TEST")),
            (nil, bad, [cache("bob@A.TEST")], cache("bob@A.TEST")),
            (nil, bad, [cache("bob@A.TEST"), cache("ann@A.TEST")], bad),
            (nil, bad, [nothing], bad),
            // The named one, in any case, and by the name alone where that is clear.
            ("Bob@a.test", cache("ann@A.TEST"), [cache("bob@A.TEST")], cache("bob@A.TEST")),
            ("bob@contoso.com", cache("ann@A.TEST"), [cache("bob@A.TEST")], cache("bob@A.TEST")),
            ("bob@contoso.com", cache("bob@A.TEST"), [cache("bob@B.TEST")], cache("bob@A.TEST")),
            ("eve@contoso.com", cache("ann@A.TEST"), [cache("bob@A.TEST")], cache("ann@A.TEST")),
            ("bob@a.test", bad, [nothing, cache("bob@A.TEST"), cache("ann@A.TEST")], cache("bob@A.TEST")),
            (
                "bob@contoso.com", cache("bob\\@contoso.com@A.TEST"), [cache("bob@A.TEST")],
                cache("bob\\@contoso.com@A.TEST")
            ),
        ] as [(String?, TicketCache, [TicketCache], TicketCache)]
    )
    func theCacheOfTheNamedUserComesFirst(
        userName: String?,
        defaultCache: TicketCache,
        others: [TicketCache],
        choice: TicketCache
    ) {
        #expect(TicketCache.choice(defaultCache: defaultCache, others: others, userName: userName) == choice)
    }

    @Test func aKeytabHelpsWhereThereIsNoTicket() throws {
        let keys = ClientKeytab.usable(name: "FILE:/k")
        #expect(try GSSAPICredential.cache(Self.cache("ann@A.TEST"), keytab: .absent) == "DIR::/t/ann@A.TEST")
        #expect(try GSSAPICredential.cache(Self.nothing, keytab: keys) == "FILE:/none")
        #expect(try GSSAPICredential.cache(Self.bad, keytab: keys).hasPrefix("MEMORY:"))
        let useless = ClientKeytab.unusable(name: "FILE:/k", reason: "r")
        for (cache, keytab, error) in [
            (Self.nothing, ClientKeytab.absent, KerberosError.noTicket(cache: "FILE:/none")),
            (Self.nothing, useless, .unusableKeytab(name: "FILE:/k", reason: "r", cache: "FILE:/none")),
            (Self.bad, .absent, .unusableCache(name: "FILE:/bad", reason: "Bad format")),
            (Self.bad, useless, .unusableCache(name: "FILE:/bad", reason: "Bad format")),
        ] {
            #expect(throws: error) { try GSSAPICredential.cache(cache, keytab: keytab) }
        }
    }
}
