import Foundation
import TestSupport
import Testing
import VaultCore

@testable import VaultPostgres

/// What a vault makes of a store when the connection is lost while it judges.
struct SettlingTests {
    /// The judgement is made once more; whether another machine's comes first is decided by who waits for the lock.
    @Test(arguments: [true, false])
    func aJudgementThatWasLostIsMadeOnWhatWasThereBeforeIt(isAnotherFirst: Bool) async throws {
        // Others wait for the lock while the test looks who they are, for as long as that takes.
        let files = try await PostgresFixture(settings: ["TOKEN_VAULT_POSTGRES_DEADLINE": "60"])
        try await files.makeStore()
        let one = try await files.open()
        let sealer = try await files.sealer(of: one)
        _ = try await one.createService("dropbox", provider: "dropbox")
        let credential = Credential(accessToken: "a", expiresOn: Date(), refreshToken: "r")
        _ = try await one.saveCredential(credential, service: "dropbox", token: "sample", sealer: sealer)
        try await one.mark()
        let _: Bool? = try await one.changeRenewal(of: TokenKey(service: "dropbox", token: "sample"), sealer: sealer) {
            $0.lease.phase = .armed
            $0.lease.epoch += 1
            return (result: true, writes: [])
        }
        // It is put back, and only this machine can tell.
        try await files.sql("UPDATE armed SET count = 0")
        let relay = try CuttingRelay(to: files.server.port)
        let store = try await PostgresStore.open(
            files.address("postgresql://vault@127.0.0.1:\(relay.port)/vault"),
            stateDirectory: files.stateDirectory()
        )
        let (isJudging, mayGoOn) = (Box(false), Box(!isAnotherFirst))
        relay.cutNext(.beforeCommit)
        async let settled = store.settle(rotating: ["dropbox"]) { count in
            isJudging.withLock { $0 = true }
            let end = ContinuousClock.now + .seconds(50)
            while !mayGoOn.value, ContinuousClock.now < end { usleep(10_000) }
            return AuditEntry(principal: .vault, action: .setGrantsAside, outcome: .allowed, detail: "\(count)")
        }
        if isAnotherFirst {
            while !isJudging.value { try await Task.sleep(for: .milliseconds(10)) }
            let another = try await files.open(machine: "two")
            async let marked: Void = another.mark()
            let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'tuple' AND relation = 'store'::regclass"
            while try await !files.sql(waiting).hasPrefix("1") { try await Task.sleep(for: .milliseconds(20)) }
            mayGoOn.withLock { $0 = true }
            try await marked
        }
        let end = try await settled
        let problem = try await one.token(service: "dropbox", name: "sample")?.problem
        if isAnotherFirst {
            #expect(end.origin == .same)
            #expect(end.setAside == 0)
            #expect(problem == nil)
        } else {
            #expect(end.origin == .copy(reason: "refresh tokens were sent or exported 1 times since it was as it is"))
            #expect(end.setAside == 1)
            #expect(problem == .restored)
        }
        let asides = try await files.sql("SELECT set_asides FROM store")
        #expect(asides.trimmingCharacters(in: .newlines) == (isAnotherFirst ? "0" : "1"))
        // The file has the name that the database has.
        let name = try await files.sql("SELECT marker FROM store").trimmingCharacters(in: .newlines)
        #expect(try StoreMarker.read(ofStore: OriginFile(stateDirectory: files.stateDirectory()).place)?.name == name)
    }
}
