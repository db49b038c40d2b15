import Foundation
import VaultCore

extension VaultStoreConformance {
    static let tokens: [VaultStoreConformance] = [
        VaultStoreConformance("a token needs its service") { subject in
            let put = try await subject.store.putToken(service: "no", name: "t", displayName: "x", returnURLs: nil)
            try require(put == nil, "it was made")
            let version = try await subject.store.saveCredential(
                Credential(accessToken: "a"),
                service: "no",
                token: "t",
                sealer: subject.sealer
            )
            try require(version == nil, "it was saved")
        },
        VaultStoreConformance("putting a token keeps its credential and what is not said") { subject in
            try await subject.addService()
            let made = try await subject.store.putToken(
                service: "dropbox",
                name: "sample",
                displayName: "Sample",
                returnURLs: ["https://a.example/"]
            )
            let (token, isNew) = try requireValue(made)
            try require(isNew, "it is not new")
            try requireEqual(token.displayName, "Sample")
            try requireEqual(token.state(at: subject.now), .unauthenticated)
            _ = try await subject.save(Credential(accessToken: "a"))
            let again = try await subject.store.putToken(
                service: "dropbox",
                name: "sample",
                displayName: nil,
                returnURLs: nil
            )
            try require(try requireValue(again).isNew == false, "it is new again")
            try requireEqual(try await subject.token().displayName, "Sample")
            try requireEqual(try await subject.token().returnURLs, ["https://a.example/"])
            try requireEqual(try await subject.credential().accessToken, "a")
        },
        VaultStoreConformance("tokens come in pages by name, of one service") { subject in
            for (service, token) in [("a", "2"), ("a", "1"), ("b", "1"), ("a", "3")] {
                try await subject.addService(service)
                _ = try await subject.store.putToken(service: service, name: token, displayName: nil, returnURLs: nil)
            }
            try requireEqual(try await subject.store.tokens(of: "a", after: "", limit: 2).map(\.name), ["1", "2"])
            try requireEqual(try await subject.store.tokens(of: "a", after: "2", limit: 2).map(\.name), ["3"])
            try requireEqual(try await subject.store.tokens().map(\.service), ["a", "a", "a", "b"])
        },
        VaultStoreConformance("a deleted token takes its policies along") { subject in
            try await subject.addService()
            for name in ["sample", "sample2"] {
                _ = try await subject.save(Credential(accessToken: "a"), as: name)
                let resource = Resource.token(service: "dropbox", token: name)
                _ = try await subject.store.grant(.getToken, to: .sample, on: resource)
            }
            try require(try await subject.store.deleteToken(service: "dropbox", name: "sample"), "there was none")
            try require(try await !subject.store.deleteToken(service: "dropbox", name: "sample"), "it is still there")
            try requireEqual(
                try await subject.store.policies(on: nil).map(\.resource.path),
                ["services/dropbox/tokens/sample2"]
            )
        },
    ]

    private static let full = Credential(
        accessToken: "access",
        expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
        refreshToken: "refresh",
        refreshExpiresOn: Date(timeIntervalSince1970: 2_100_000_000),
        extraValues: ["instance_url": "https://x.example"],
        scopes: ["a", "b"],
        configurationHash: ServiceConfiguration(provider: "dropbox").hash
    )

    static let credentials: [VaultStoreConformance] = [
        VaultStoreConformance("a credential is read back as it was saved") { subject in
            try await subject.addService()
            let version = try await subject.save(Self.full)
            try requireEqual(try await subject.credential(), Self.full)
            let sealed = try requireValue(try await subject.token().credential)
            try requireEqual(sealed.version, version)
            try requireEqual(sealed.refreshDigest, Credential.digest("refresh"))
            try requireEqual(try subject.sealer.keys.openAccessToken(of: sealed), "access")
        },
        VaultStoreConformance("no version is given out twice, whatever is deleted") { subject in
            try await subject.addService()
            var versions: [Int64] = []
            for _ in 0..<3 {
                versions.append(try await subject.save(Credential(accessToken: "a")))
                _ = try await subject.store.deleteToken(service: "dropbox", name: "sample")
            }
            _ = try await subject.store.deleteService("dropbox", withTokens: true)
            try await subject.addService()
            versions.append(try await subject.save(Credential(accessToken: "a")))
            try require(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 }, "\(versions) do not grow")
        },
        VaultStoreConformance("a credential is replaced only in the version that was read") { subject in
            try await subject.addService()
            let replace = { (text: String, version: Int64, name: String) in
                try await subject.store.replaceCredential(
                    with: Credential(accessToken: text),
                    version: version,
                    service: "dropbox",
                    token: name,
                    sealer: subject.sealer
                )
            }
            let first = try await subject.save(Self.full)
            let second = try requireValue(try await replace("second", first, "sample"))
            let late = try await replace("late", first, "sample")
            try require(late == nil, "the loser wrote")
            let credential = try await subject.credential()
            try requireEqual(credential.accessToken, "second")
            // None returned: the old one stays in use (RFC 6749 section 6).
            try requireEqual(credential.refreshToken, "refresh")
            try requireEqual(credential.extraValues, Self.full.extraValues)
            let missing = try await replace("x", second, "missing")
            try require(missing == nil, "a token that is not there was replaced")
        },
        VaultStoreConformance("of many who replace a version one does") { subject in
            try await subject.addService()
            let version = try await subject.save(Self.full)
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await subject.store.replaceCredential(
                            with: Credential(accessToken: "\(number)"),
                            version: version,
                            service: "dropbox",
                            token: "sample",
                            sealer: subject.sealer
                        ) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try requireEqual(winners, 1)
        },
        VaultStoreConformance("a problem belongs to one version and goes with the next") { subject in
            try await subject.addService()
            let version = try await subject.save(Self.full)
            let set = { (problem: TokenProblem?, version: Int64) in
                try await subject.store.setProblem(problem, version: version, service: "dropbox", token: "sample")
            }
            try require(try await set(.revoked, version), "it was not set")
            try requireEqual(try await subject.token().problem, .revoked)
            let next = try await subject.save(Self.full)
            try requireEqual(try await subject.token().problem, nil)
            try require(try await !set(.revoked, version), "an old version got it")
            for problem in TokenProblem.allCases {
                try require(try await set(problem, next), "it was not set")
                try requireEqual(try await subject.token().problem, problem)
            }
        },
    ]
}
