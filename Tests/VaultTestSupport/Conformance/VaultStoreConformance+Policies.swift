import VaultCore

extension VaultStoreConformance {
    private static let token = Resource.token(service: "dropbox", token: "sample")
    private static let other = Principal(tenantID: "t", objectID: "o")

    static let policies: [VaultStoreConformance] = [
        VaultStoreConformance("a policy holds for what lies below its resource, and for nothing else") { subject in
            try await subject.addService()
            try await subject.addService("other")
            _ = try await subject.save(Credential(accessToken: "a"))
            let grants: [(Resource, Permission)] = [
                (.store, .listService), (.service("dropbox"), .listToken), (Self.token, .getToken),
            ]
            for (resource, permission) in grants {
                _ = try await subject.store.grant(permission, to: .sample, on: resource)
            }
            let expected: [(Resource, Permission)] = [
                (.store, .listService), (.service("dropbox"), [.listService, .listToken]),
                (Self.token, [.listService, .listToken, .getToken]), (.service("other"), .listService),
                (.token(service: "dropbox", token: "sample2"), [.listService, .listToken]),
                (.token(service: "other", token: "sample"), .listService),
            ]
            for (resource, permissions) in expected {
                try requireEqual(try await subject.store.permissions(of: .sample, on: resource), permissions)
                try requireEqual(try await subject.store.permissions(of: Self.other, on: resource), [])
            }
            try requireEqual(try await subject.store.policies(of: .sample).count, 3)
        },
        VaultStoreConformance("a look-up says what policies and tokens say one by one") { subject in
            let names = ["sample", "missing", "sample "]
            func check(_ expected: [TokenLookup], line: UInt = #line) async throws {
                for (name, expected) in zip(names, expected) {
                    let found = try await subject.store.lookUp(TokenKey(service: "dropbox", token: name), for: .sample)
                    try requireEqual(found, expected, line: line)
                }
            }
            try await check([.forbidden, .forbidden, .forbidden])
            try await subject.addService()
            _ = try await subject.save(Credential(accessToken: "a", refreshToken: "r", scopes: ["one", "\"two\""]))
            try await check([.forbidden, .forbidden, .forbidden])
            _ = try await subject.store.grant(.listToken, to: .sample, on: .store)
            _ = try await subject.store.grant(.getToken, to: Self.other, on: .store)
            try await check([.forbidden, .forbidden, .forbidden])
            _ = try await subject.store.grant(.getToken, to: .sample, on: .service("dropbox"))
            let stored = try requireValue(try await subject.store.token(service: "dropbox", name: "sample"))
            try await check([.found(stored), .missing, .missing])
            _ = try await subject.store.revoke(.sample, on: .service("dropbox"))
            _ = try await subject.store.grant(.getToken, to: .sample, on: Self.token)
            try await check([.found(stored), .forbidden, .forbidden])
            _ = try await subject.store.deleteToken(service: "dropbox", name: "sample")
            try await check([.forbidden, .forbidden, .forbidden])
        },
        VaultStoreConformance("a policy is for a resource that is there") { subject in
            for resource in [Resource.service("dropbox"), Self.token] {
                let granted = try await subject.store.grant(.getToken, to: .sample, on: resource)
                try require(granted == nil, "it was granted")
                let policy = AccessPolicy(name: "p", resource: resource, principal: .sample, permissions: .getToken)
                let put = try await subject.store.putPolicy(policy)
                try require(put == nil, "it was put")
            }
        },
        VaultStoreConformance("granting adds, revoking takes all") { subject in
            try await subject.addService()
            _ = try await subject.store.grant(.getToken, to: .sample, on: .store)
            let policy = try await subject.store.grant(.listToken, to: .sample, on: .store)
            try requireEqual(try requireValue(policy).permissions, [.getToken, .listToken])
            _ = try await subject.store.grant(.getToken, to: .sample, on: .service("dropbox"))
            _ = try await subject.store.grant(.getToken, to: Self.other, on: .store)
            try require(try await subject.store.revoke(.sample, on: .store), "there was none")
            try requireEqual(try await subject.store.policies(of: .sample).map(\.resource), [.service("dropbox")])
            try require(try await subject.store.revoke(.sample, on: nil), "there was none")
            try require(try await !subject.store.revoke(.sample, on: nil), "it is still there")
            try requireEqual(try await subject.store.policies(on: nil).map(\.principal), [Self.other])
        },
        VaultStoreConformance("policies are put and deleted by name, and add up") { subject in
            let put = { (name: String, permission: Permission) in
                try await subject.store.putPolicy(
                    AccessPolicy(name: name, principal: .sample, permissions: permission)
                )
            }
            try requireEqual(try await put("one", .getToken), true)
            try requireEqual(try await put("two", .listToken), true)
            try requireEqual(try await put("two", .deleteToken), false)
            try requireEqual(
                try await subject.store.permissions(of: .sample, on: .store),
                [.getToken, .deleteToken]
            )
            try require(try await subject.store.deletePolicy("one", on: .store), "there was none")
            try require(try await !subject.store.deletePolicy("one", on: .store), "it is still there")
            try requireEqual(try await subject.store.policies(on: .store).map(\.name), ["two"])
        },
        VaultStoreConformance("the store's return URLs are kept") { subject in
            try requireEqual(try await subject.store.returnURLs(), [])
            try await subject.store.setReturnURLs(["https://a.example/", "http://localhost:1/"])
            try requireEqual(try await subject.store.returnURLs(), ["https://a.example/", "http://localhost:1/"])
        },
    ]
}
