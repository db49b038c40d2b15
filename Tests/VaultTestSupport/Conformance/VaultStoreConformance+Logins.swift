import Foundation
import VaultCore

extension VaultStoreConformance {
    private static func login(_ name: String, token: String = "sample", expiresOn: Date) -> PendingLogin {
        PendingLogin(
            stateHash: Data("state \(name)".utf8),
            cookieHash: Data("cookie".utf8),
            service: "dropbox",
            token: token,
            returnURL: "https://app.example/?a=b",
            redirectURI: "https://vault.example/redirect",
            configurationHash: "hash",
            secrets: PendingLogin.Secrets(codeVerifier: "verifier", nonce: "nonce"),
            expiresOn: expiresOn
        )
    }

    private static func pending(
        _ code: String,
        _ credential: Credential,
        account: Account? = nil,
        expiresOn: Date
    ) -> PendingCredential {
        PendingCredential(
            codeHash: Data(code.utf8),
            service: "dropbox",
            token: "sample",
            credential: credential,
            account: account,
            expiresOn: expiresOn
        )
    }

    static let logins: [VaultStoreConformance] = [
        VaultStoreConformance("a state works once") { subject in
            try await subject.addService()
            _ = try await subject.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
            let login = Self.login("1", expiresOn: subject.now.addingTimeInterval(600))
            try require(try await subject.add(login), "it was not taken")
            let take = {
                try await subject.store.takeLogin(
                    stateHash: login.stateHash,
                    now: subject.now,
                    sealer: subject.sealer
                )
            }
            try requireEqual(try await take(), login)
            let second = try await take()
            try require(second == nil, "it worked twice")
        },
        VaultStoreConformance("a token that was made for a login is forgotten if nobody logs in, and no other") {
            subject in
            try await subject.addService()
            for name in ["late", "later", "kept", "saved", "ours"] {
                _ = try await subject.store.putToken(
                    service: "dropbox",
                    name: name,
                    displayName: nil,
                    returnURLs: nil,
                    unsavedUntil: name == "ours" ? nil : subject.now
                )
            }
            let put = { (name: String, end: Date?) in
                _ = try await subject.store.putToken(
                    service: "dropbox",
                    name: name,
                    displayName: nil,
                    returnURLs: nil,
                    unsavedUntil: end
                )
            }
            // Another login, an administrator, somebody who logged in; and an end that is said of one that stays.
            try await put("later", subject.now + 3600)
            try await put("kept", nil)
            _ = try await subject.save(Credential(accessToken: "a"), as: "saved")
            try await put("ours", subject.now)
            _ = try await subject.store.grant(.getToken, to: .sample, on: .token(service: "dropbox", token: "late"))
            _ = try await subject.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
            try require(try await subject.add(Self.login("1", expiresOn: subject.now + 600)), "it was not added")
            try requireEqual(
                try await subject.store.tokens().map(\.name),
                ["kept", "later", "ours", "sample", "saved"]
            )
            try requireEqual(try await subject.store.policies(on: nil).map(\.resource.path), [])
        },
        VaultStoreConformance("of many who bring a state one gets it") { subject in
            try await subject.addService()
            _ = try await subject.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
            let login = Self.login("1", expiresOn: subject.now.addingTimeInterval(600))
            _ = try await subject.store.addLogin(login, limits: LoginLimits(), sealer: subject.sealer)
            let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await subject.store.takeLogin(
                            stateHash: login.stateHash,
                            now: subject.now,
                            sealer: subject.sealer
                        ) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try requireEqual(count, 1)
        },
        VaultStoreConformance("a login is over when its time is") { subject in
            try await subject.addService()
            _ = try await subject.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
            let login = Self.login("1", expiresOn: subject.now.addingTimeInterval(600))
            try require(try await subject.add(login), "it was not taken")
            let taken = try await subject.store.takeLogin(
                stateHash: login.stateHash,
                now: subject.now.addingTimeInterval(601),
                sealer: subject.sealer
            )
            try require(taken == nil, "it worked after its time")
        },
        VaultStoreConformance("whoever begins logins without end puts an end to those of one token") { subject in
            try await subject.addService()
            for name in ["sample", "other"] {
                _ = try await subject.store.putToken(service: "dropbox", name: name, displayName: nil, returnURLs: nil)
            }
            let limits = LoginLimits(perToken: 3, altogether: 4)
            let begin = { (name: String, token: String, second: Double) in
                let login = Self.login(name, token: token, expiresOn: subject.now.addingTimeInterval(600 + second))
                try require(try await subject.add(login, limits: limits), "it was not taken")
            }
            let isThere = { (name: String) in
                try await subject.store.takeLogin(
                    stateHash: Self.login(name, expiresOn: subject.now).stateHash,
                    now: subject.now,
                    sealer: subject.sealer
                ) != nil
            }
            try await begin("victim", "other", 0)
            for number in 1...4 { try await begin("\(number)", "sample", Double(number)) }
            try require(try await !isThere("1"), "the oldest of the token is there")
            // With 2, 3 and 4 there are as many as there may be, and the token that has the most gives way.
            try await begin("5", "other", 5)
            try require(try await !isThere("2"), "the oldest of the busiest token is there")
            for name in ["victim", "3", "4", "5"] { try require(try await isThere(name), "\(name) is gone") }
        },
        VaultStoreConformance("until its code is redeemed the old credential stays") { subject in
            let expiresOn = subject.now.addingTimeInterval(300)
            let change = try await subject.store.putService(
                "dropbox",
                configuration: ServiceConfiguration(provider: "dropbox"),
                clientSecret: nil,
                sealer: subject.sealer
            )
            let hash = change.service.configurationHash
            _ = try await subject.save(Credential(accessToken: "old", refreshToken: "r", configurationHash: hash))
            let new = Credential(accessToken: "new", configurationHash: hash)
            let redeem = { (code: String, token: String, now: Date, allows: Bool) in
                try await subject.store.redeemCode(
                    hash: Data(code.utf8),
                    service: "dropbox",
                    token: token,
                    allowAccountChange: allows,
                    by: .sample,
                    now: now,
                    sealer: subject.sealer
                )
            }
            let alice = Account(subject: "alice", label: "alice@example.com")
            let mallory = Account(subject: "mallory")
            let add = { (code: String, credential: Credential, account: Account?) in
                let pending = Self.pending(code, credential, account: account, expiresOn: expiresOn)
                try require(
                    try await subject.store.addPendingCredential(pending, sealer: subject.sealer),
                    "it was not taken"
                )
            }
            try await add("1", new, nil)
            try requireEqual(try await subject.credential().accessToken, "old")
            try requireEqual(try await redeem("1", "other", subject.now, false), .unknownCode)
            try requireEqual(try await redeem("2", "sample", subject.now, false), .unknownCode)
            try requireEqual(try await redeem("1", "sample", expiresOn, false), .unknownCode)
            guard case .saved = try await redeem("1", "sample", subject.now, false) else {
                throw Failure(description: "it was not saved")
            }
            try requireEqual(try await subject.credential().accessToken, "new")
            // Nobody knows whether the refresh token of before is of the same account.
            try requireEqual(try await subject.credential().refreshToken, nil)
            try requireEqual(try await redeem("1", "sample", subject.now, false), .unknownCode)

            try await add("3", Credential(accessToken: "a", refreshToken: "ra", configurationHash: hash), alice)
            _ = try await redeem("3", "sample", subject.now, false)
            try requireEqual(try await subject.token().account, alice)
            try await add("3a", new, alice)
            _ = try await redeem("3a", "sample", subject.now, false)
            try requireEqual(try await subject.credential().refreshToken, "ra")
            try await add("3b", Credential(accessToken: "nobody's", configurationHash: hash), nil)
            try requireEqual(
                try await redeem("3b", "sample", subject.now, false),
                .otherAccount(present: alice, new: nil)
            )
            try await add("4", Credential(accessToken: "mallory's", configurationHash: hash), mallory)
            try requireEqual(
                try await redeem("4", "sample", subject.now, false),
                .otherAccount(present: alice, new: mallory)
            )
            try requireEqual(try await subject.credential().accessToken, "new")
            guard case .saved = try await redeem("4", "sample", subject.now, true) else {
                throw Failure(description: "it was not saved")
            }
            try requireEqual(try await subject.token().account, mallory)
            // Another account's refresh token is no part of this one's credential.
            try requireEqual(try await subject.credential().refreshToken, nil)

            try await add("5", Credential(accessToken: "x", configurationHash: "other"), mallory)
            try requireEqual(try await redeem("5", "sample", subject.now, false), .serviceChanged)
        },
    ]
}

extension VaultStoreConformance.Subject {
    fileprivate func add(_ login: PendingLogin, limits: LoginLimits = LoginLimits()) async throws -> Bool {
        try await self.store.addLogin(login, limits: limits, sealer: self.sealer)
    }
}
