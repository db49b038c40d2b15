import Testing
import VaultCore

struct StoreDifferenceTests {
    private static let ann = Principal(tenantID: "t", objectID: "ann")
    private static let bob = Principal(tenantID: "t", objectID: "bob")

    private static func store(_ policies: [AccessPolicy]) -> StoreInventory {
        StoreInventory(services: [], tokens: [], policies: policies)
    }

    private static func policy(
        _ permissions: Permission,
        _ name: String = "p",
        of principal: Principal = Self.ann,
        on resource: Resource = .store
    ) -> AccessPolicy {
        AccessPolicy(name: name, resource: resource, principal: principal, permissions: permissions)
    }

    @Test(
        arguments: [
            ([], [], [], []),
            ([Self.policy(.getToken)], [Self.policy(.getToken)], [], []),
            // Revoked since, and back.
            ([], [Self.policy(.getToken)], [.getToken], []),
            // Made since, and gone.
            ([Self.policy(.getToken)], [], [], [.getToken]),
            // Narrowed since: what is back is the rest alone.
            ([Self.policy(.getToken)], [Self.policy([.getToken, .deleteToken])], [.deleteToken], []),
            (
                [Self.policy([.getToken, .listToken])], [Self.policy([.getToken, .deleteToken])], [.deleteToken],
                [.listToken]
            ),
            // Other names, or in two halves: the same people may do the same.
            ([Self.policy(.getToken, "q")], [Self.policy(.getToken)], [], []),
            (
                [Self.policy([.getToken, .listToken])],
                [Self.policy(.getToken, "q"), Self.policy(.listToken, "r")], [], []
            ),
        ] as [([AccessPolicy], [AccessPolicy], [Permission], [Permission])]
    )
    func whatPeopleMayDoAgain(
        replaced: [AccessPolicy],
        restored: [AccessPolicy],
        back: [Permission],
        gone: [Permission]
    ) {
        let difference = StoreDifference(from: Self.store(replaced), to: Self.store(restored))
        #expect(difference.grantsBack.map(\.permissions) == back)
        #expect(difference.grantsGone.map(\.permissions) == gone)
        #expect(difference.isEmpty == (back.isEmpty && gone.isEmpty))
    }

    @Test func aPolicyIsForOnePrincipalAndOneResource() {
        let replaced = Self.store([Self.policy(.getToken, on: .service("a"))])
        let restored = Self.store([
            Self.policy(.getToken, on: .service("a")), Self.policy(.getToken, "q", of: Self.bob, on: .service("a")),
            Self.policy(.getToken), Self.policy(.getToken, on: .token(service: "a", token: "x")),
        ])
        #expect(
            StoreDifference(from: replaced, to: restored).grantsBack == [
                StoreDifference.Grant(resource: .store, principal: Self.ann, permissions: .getToken),
                StoreDifference.Grant(resource: .service("a"), principal: Self.bob, permissions: .getToken),
                StoreDifference.Grant(
                    resource: .token(service: "a", token: "x"),
                    principal: Self.ann,
                    permissions: .getToken
                ),
            ]
        )
    }

    @Test func servicesAndTokensGoByTheirNames() {
        func store(_ services: Set<String>, _ tokens: Set<TokenKey>) -> StoreInventory {
            StoreInventory(services: services, tokens: tokens, policies: [])
        }
        let (one, two) = (TokenKey(service: "a", token: "1"), TokenKey(service: "b", token: "1"))
        let difference = StoreDifference(from: store(["a", "c"], [one]), to: store(["a", "b"], [two]))
        #expect(difference.servicesBack == ["b"])
        #expect(difference.servicesGone == ["c"])
        #expect(difference.tokensBack == [two])
        #expect(difference.tokensGone == [one])
        #expect(!difference.isEmpty)
    }
}
