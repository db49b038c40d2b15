import Foundation
import VaultCore

extension VaultStoreConformance {
    private static let key = TokenKey(service: "dropbox", token: "sample")

    private static let credential = Credential(
        accessToken: "access",
        expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
        refreshToken: "refresh",
        configurationHash: ServiceConfiguration(provider: "dropbox").hash
    )

    private static let lease = RenewalLease(
        owner: "me",
        epoch: 7,
        until: LeaseTime(boot: "b", milliseconds: 5),
        phase: .armed,
        version: 3,
        presentedDigest: Data([1, 2]),
        armedAt: LeaseTime(boot: "c", milliseconds: 6),
        lostAnswers: 1,
        failures: 2,
        retryAt: LeaseTime(boot: "d", milliseconds: 7)
    )

    static let renewals: [VaultStoreConformance] = [
        VaultStoreConformance("what is not there cannot be renewed") { subject in
            try require(try await subject.store.renewal(of: Self.key) == nil, "there is a row")
            try await subject.addService()
            _ = try await subject.store.putToken(service: "dropbox", name: "sample", displayName: nil, returnURLs: nil)
            try require(try await subject.store.renewal(of: Self.key) == nil, "there is a row")
            let result = try await subject.store.changeRenewal(of: Self.key, sealer: subject.sealer) { _ in (1, []) }
            try require(result == nil, "it was changed")
        },
        VaultStoreConformance("a lease is read back as it was written") { subject in
            try await subject.addService()
            let version = try await subject.save(Self.credential)
            let row = try requireValue(try await subject.store.renewal(of: Self.key))
            try requireEqual(
                row,
                RenewalRow(
                    version: version,
                    expiresOn: Self.credential.expiresOn,
                    obtainedOn: subject.now,
                    refreshDigest: Credential.digest("refresh"),
                    isImported: true
                )
            )
            for lease in [Self.lease, RenewalLease(epoch: 8)] {
                let result = try await subject.store.changeRenewal(of: Self.key, sealer: subject.sealer) { row in
                    row.lease = lease
                    row.problem = .uncertain
                    return ("done", [])
                }
                try requireEqual(result, "done")
                let stored = try requireValue(try await subject.store.renewal(of: Self.key))
                try requireEqual(stored.lease, lease)
                try requireEqual(stored.problem, .uncertain)
                try requireEqual(stored.version, version)
            }
        },
        VaultStoreConformance("an answer is kept, read and forgotten") { subject in
            try await subject.addService()
            _ = try await subject.save(Self.credential)
            let answer = Data([0, 0xff, 0xfe, 1])
            let write = { (writes: [RenewalWrite]) in
                _ = try await subject.store.changeRenewal(of: Self.key, sealer: subject.sealer) { _ in ((), writes) }
            }
            let read = { try await subject.store.keptAnswer(of: Self.key, sealer: subject.sealer) }
            try requireEqual(try await read(), nil)
            try await write([.keepAnswer(answer)])
            try requireEqual(try await read(), answer)
            try await write([.note(RenewalNote(.failed, problem: .uncertain))])
            try requireEqual(try await read(), answer)
            try await write([.forgetAnswer])
            try requireEqual(try await read(), nil)
            try await write([.keepAnswer(answer), .quarantineKeptAnswer, .quarantine(answer)])
            try requireEqual(try await read(), nil)
            _ = try await subject.store.deleteService("dropbox", withTokens: true)
        },
        VaultStoreConformance("a renewal lands with its lease and its record") { subject in
            try await subject.addService()
            let version = try await subject.save(Self.credential)
            let new = Credential(accessToken: "new", expiresOn: Date(timeIntervalSince1970: 2_000_003_600))
            _ = try await subject.store.changeRenewal(of: Self.key, sealer: subject.sealer) { row in
                row.problem = nil
                row.isImported = false
                return ((), [.replaceCredential(new), .note(RenewalNote(.renewed))])
            }
            let credential = try await subject.credential()
            try requireEqual(credential.accessToken, "new")
            try requireEqual(credential.refreshToken, "refresh")
            try requireEqual(credential.configurationHash, Self.credential.configurationHash)
            let row = try requireValue(try await subject.store.renewal(of: Self.key))
            try require(row.version > version, "the version stayed")
            try require(!row.isImported, "it counts as imported")
            let old = try await subject.store.credential(of: Self.key, version: version, sealer: subject.sealer)
            try require(old == nil, "the old version is there")
            let opened = try await subject.store.credential(of: Self.key, version: row.version, sealer: subject.sealer)
            try requireEqual(opened, credential)
            var lines: [String] = []
            try await subject.store.readAudit(before: nil) { lines.append("\($0.action) \($0.token) \($0.outcome)") }
            try requireEqual(lines, ["renewToken sample renewed"])
        },
        VaultStoreConformance("of many who arm a token one does") { subject in
            try await subject.addService()
            _ = try await subject.save(Self.credential)
            let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await subject.store.changeRenewal(of: Self.key, sealer: subject.sealer) { row in
                            let (decision, writes) = row.arm(
                                ArmRequest(
                                    owner: "\(number)",
                                    now: LeaseTime(boot: "b", milliseconds: 0),
                                    date: subject.now,
                                    isDue: true,
                                    terms: RenewalTerms(rotation: .strict),
                                    isAlive: { _ in true }
                                )
                            )
                            if case .armed = decision { return (true, writes) }
                            return (false, writes)
                        } == true
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            try requireEqual(count, 1)
        },
        VaultStoreConformance("the tokens that are due come with the most urgent first") { subject in
            try await subject.addService()
            let second = { (seconds: Double) in Date(timeIntervalSince1970: 2_000_000_000 + seconds) }
            let save = { (name: String, expiresOn: Date?, refreshToken: String?) in
                try await subject.save(
                    Credential(accessToken: "a", expiresOn: expiresOn, refreshToken: refreshToken),
                    as: name
                )
            }
            _ = try await save("later", second(100), "r")
            _ = try await save("soon", second(20), "r")
            _ = try await save("sooner", second(10), "r")
            _ = try await save("none", second(10), nil)
            _ = try await save("idle", nil, "r")
            _ = try await save("armed", second(1_000_000_000), "r")
            _ = try await save("young", second(1_000_000_000), "r")
            let revoked = try await save("revoked", second(0), "r")
            _ = try await subject.store.setProblem(.revoked, version: revoked, service: "dropbox", token: "revoked")
            let armed = TokenKey(service: "dropbox", token: "armed")
            _ = try await subject.store.changeRenewal(of: armed, sealer: subject.sealer) { row in
                row.lease.phase = .armed
                return ((), [])
            }
            try requireEqual(
                try await subject.due(at: second(50)),
                ["armed", "idle", "sooner", "soon", "later"]
            )
            try requireEqual(try await subject.due(at: second(50), limit: 2), ["armed", "idle"])
        },
        VaultStoreConformance("what has to be left alone is not among the tokens that are due") { subject in
            try await subject.addService()
            try await subject.addService("other")
            let expiresOn = subject.now.addingTimeInterval(100)
            let credential = Credential(accessToken: "a", expiresOn: expiresOn, refreshToken: "r")
            let change = { (name: String, change: @escaping @Sendable (inout RenewalRow) -> Void) in
                _ = try await subject.save(credential, as: name)
                let token = TokenKey(service: "dropbox", token: name)
                _ = try await subject.store.changeRenewal(of: token, sealer: subject.sealer) { row in
                    change(&row)
                    return ((), [])
                }
            }
            try await change("good") { _ in }
            try await change("paused") { $0.lease.retryAt = LeaseTime(boot: "b", milliseconds: 1001) }
            try await change("pause over") { $0.lease.retryAt = LeaseTime(boot: "b", milliseconds: 1000) }
            try await change("paused before a reboot") { $0.lease.retryAt = LeaseTime(boot: "a", milliseconds: .max) }
            try await change("uncertain") { $0.problem = .uncertain }
            for problem in TokenProblem.allCases where problem.endsGrant && problem != .serviceChanged {
                try await change(problem.rawValue) { $0.problem = problem }
            }
            _ = try await subject.save(credential, as: "elsewhere", service: "other")
            let others = ["good", "pause over", "paused before a reboot"]
            try requireEqual(try await subject.due(at: expiresOn.addingTimeInterval(-1)), others + ["elsewhere"])
            try requireEqual(try await subject.due(at: expiresOn, except: ["other"]), others + ["uncertain"])
        },
        VaultStoreConformance("a service that is repointed and back leaves what was wrong with its tokens") { subject in
            let put = { (client: String) in
                try await subject.store.putService(
                    "dropbox",
                    configuration: ServiceConfiguration(provider: "dropbox", clientID: client),
                    clientSecret: nil,
                    sealer: subject.sealer
                )
            }
            let hash = try await put("one").service.configurationHash
            let credential = Credential(
                accessToken: "a",
                expiresOn: subject.now,
                refreshToken: "r",
                configurationHash: hash
            )
            let problems: [TokenProblem?] = [nil, .uncertain, .revoked, .lostRotation, .possibleTheft]
            for problem in problems {
                let name = problem?.rawValue ?? "good"
                let version = try await subject.save(credential, as: name)
                _ = try await subject.store.setProblem(problem, version: version, service: "dropbox", token: name)
            }
            try requireEqual(try await put("two").tokensInError, problems.count)
            for problem in problems {
                let name = problem?.rawValue ?? "good"
                let shown = problem?.endsGrant == true ? problem : .serviceChanged
                try requireEqual(try await subject.token(name).problem, shown)
                let row = try await subject.store.renewal(of: TokenKey(service: "dropbox", token: name))
                try requireEqual(row?.isRepointed, true)
                try requireEqual(row?.problem, problem)
            }
            try requireEqual(try await subject.due(at: subject.now.addingTimeInterval(1)), [])
            // What lands meanwhile does not make it good.
            let good = TokenKey(service: "dropbox", token: "good")
            _ = try await subject.store.changeRenewal(of: good, sealer: subject.sealer) { row in
                row.problem = nil
                return ((), [.replaceCredential(Credential(accessToken: "b", refreshToken: "s"))])
            }
            try requireEqual(try await subject.token("good").problem, .serviceChanged)
            try requireEqual(try await put("one").tokensInError, 0)
            for problem in problems {
                try requireEqual(try await subject.token(problem?.rawValue ?? "good").problem, problem)
            }
        },
    ]
}

extension VaultStoreConformance.Subject {
    /// The names of the tokens that the sweep would find a second after the boot.
    fileprivate func due(at date: Date, except services: Set<String> = [], limit: Int = 99) async throws -> [String] {
        try await self.store.renewalsDue(
            RenewalSearch(
                date: date,
                now: LeaseTime(boot: "b", milliseconds: 1000),
                storedBefore: self.now.addingTimeInterval(1),
                excludedServices: services,
                limit: limit
            )
        ).map(\.token.token)
    }
}
