import VaultCore

extension VaultStoreConformance {
    private static let configuration = ServiceConfiguration(
        provider: "oauth2generic",
        displayName: "Dröpbox",
        clientID: "client",
        scopes: ["a", "b c"],
        parameters: ["tokenurltemplate": "https://example.com/{Code}\"'\n"],
        tokenParameters: #"{"resourceUri":{}}"#,
        returnURLs: ["https://app.example.com/"]
    )

    static let services: [VaultStoreConformance] = [
        VaultStoreConformance("a service is read back as it was put") { subject in
            let change = try await subject.store.putService(
                "one",
                configuration: Self.configuration,
                clientSecret: nil,
                sealer: subject.sealer
            )
            try require(change.isNew, "it is not new")
            let stored = try requireValue(try await subject.store.service("one"))
            try requireEqual(stored, change.service)
            try requireEqual(stored.configuration, Self.configuration)
            try requireEqual(stored.configurationHash, Self.configuration.hash)
            let again = try await subject.store.putService(
                "one",
                configuration: ServiceConfiguration(provider: "google"),
                clientSecret: nil,
                sealer: subject.sealer
            )
            try require(!again.isNew, "it is new again")
            try requireEqual(try await subject.store.service("one")?.provider, "google")
        },
        VaultStoreConformance("services come in pages by name") { subject in
            for name in ["c", "a", "d", "b", "B"] {
                try await subject.addService(name)
            }
            let first = try await subject.store.services(after: "", limit: 2)
            try requireEqual(first.map(\.name), ["B", "a"])
            let rest = try await subject.store.services(after: "a", limit: 9)
            try requireEqual(rest.map(\.name), ["b", "c", "d"])
        },
        VaultStoreConformance("a service takes its tokens, credentials, secrets and policies along") { subject in
            for name in ["dropbox", "dropbox.2"] {
                try await subject.addService(name)
                _ = try await subject.save(Credential(accessToken: "secret"), service: name)
                _ = try await subject.store.addClientSecret("secret", to: name, sealer: subject.sealer)
                for resource in [Resource.service(name), .token(service: name, token: "sample")] {
                    _ = try await subject.store.grant(.getToken, to: .sample, on: resource)
                }
            }
            try requireEqual(try await subject.store.deleteService("dropbox", withTokens: false), 1)
            try require(try await subject.store.service("dropbox") != nil, "it is gone with its token")
            try requireEqual(try await subject.store.deleteService("dropbox", withTokens: true), 1)
            try requireEqual(try await subject.store.deleteService("dropbox", withTokens: true), nil)
            try requireEqual(try await subject.store.tokens().map(\.service), ["dropbox.2"])
            try requireEqual(
                try await subject.store.policies(on: nil).map(\.resource.path),
                ["services/dropbox.2", "services/dropbox.2/tokens/sample"]
            )
            // What has the name next inherits nothing.
            try await subject.addService("dropbox")
            try require(try await subject.store.token(service: "dropbox", name: "sample") == nil, "the token is back")
            try require(try await subject.store.clientSecrets(of: "dropbox").isEmpty, "the secret is back")
        },
        VaultStoreConformance("repointing a service puts its tokens into an error, and back") { subject in
            let put = { (client: String, scopes: [String]) in
                try await subject.store.putService(
                    "dropbox",
                    configuration: ServiceConfiguration(provider: "dropbox", clientID: client, scopes: scopes),
                    clientSecret: nil,
                    sealer: subject.sealer
                )
            }
            let first = try await put("one", [])
            let hash = first.service.configurationHash
            _ = try await subject.save(Credential(accessToken: "a", refreshToken: "r", configurationHash: hash))
            _ = try await subject.save(Credential(accessToken: "imported"), as: "imported")
            try requireEqual(try await put("one", ["more"]).tokensInError, 0)
            try requireEqual(try await put("two", []).tokensInError, 1)
            try requireEqual(try await subject.token().problem, .serviceChanged)
            try requireEqual(try await subject.token("imported").problem, nil)
            try requireEqual(try await put("one", []).tokensInError, 0)
            try requireEqual(try await subject.token().problem, nil)
        },
    ]

    static let clientSecrets: [VaultStoreConformance] = [
        VaultStoreConformance("a service has two client secrets at the most, the newest first") { subject in
            try await subject.addService()
            let first = try await subject.store.addClientSecret("1", to: "dropbox", sealer: subject.sealer)
            let same = try await subject.store.addClientSecret("1", to: "dropbox", sealer: subject.sealer)
            try requireEqual(first, same)
            _ = try await subject.store.addClientSecret("2", to: "dropbox", sealer: subject.sealer)
            let third = try await subject.store.addClientSecret("3", to: "dropbox", sealer: subject.sealer)
            try require(third == nil, "a third was taken")
            let secrets = try await subject.store.clientSecrets(of: "dropbox")
            try requireEqual(try secrets.map { try $0.open(with: subject.sealer.keys) }, ["2", "1"])
            let number = try requireValue(first).version
            try require(
                try await !subject.store.removeClientSecret(number, of: "other"),
                "another service's was removed"
            )
            try require(try await subject.store.removeClientSecret(number, of: "dropbox"), "it was not there")
            try requireEqual(try await subject.store.clientSecrets(of: "dropbox").count, 1)
            let nowhere = try await subject.store.addClientSecret("1", to: "nowhere", sealer: subject.sealer)
            try require(nowhere == nil, "there is no such service")
        },
        VaultStoreConformance("a secret that is put comes first, and the one before stays") { subject in
            let put = { (secret: String?) in
                _ = try await subject.store.putService(
                    "dropbox",
                    configuration: ServiceConfiguration(provider: "dropbox"),
                    clientSecret: secret,
                    sealer: subject.sealer
                )
                return try await subject.store.clientSecrets(of: "dropbox").map {
                    try $0.open(with: subject.sealer.keys)
                }
            }
            try requireEqual(try await put("1"), ["1"])
            try requireEqual(try await put("1"), ["1"])
            try requireEqual(try await put("2"), ["2", "1"])
            try requireEqual(try await put("3"), ["3", "2"])
            try requireEqual(try await put(nil), ["3", "2"])
        },
    ]
}
