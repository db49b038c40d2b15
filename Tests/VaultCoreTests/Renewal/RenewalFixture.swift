import Foundation
import TestSupport
import VaultCore
import VaultTestSupport

/// Vaults that share a store, on a clock that a test can put forward.
struct RenewalFixture {
    let token = TokenKey(service: "dropbox", token: "sample")
    let store = MemoryRenewalStore()
    let log = LogCapture()
    let sealer: CredentialSealer
    private let elapsed = Box(Duration.zero)
    private let start = ContinuousClock.now
    private let date = Date()

    init() throws {
        self.sealer = try Self.makeSealer()
    }

    private var time: Duration { self.start.duration(to: .now) + self.elapsed.value }
    var now: Date { self.date + self.time / .seconds(1) }

    func advance(by duration: Duration) {
        self.elapsed.withLock { $0 += duration }
    }

    func put(_ token: TokenKey? = nil, expiresIn seconds: TimeInterval, lifetime: TimeInterval = 3600) async {
        let expiresOn = self.now + seconds
        let credential = Credential(accessToken: "access 0", expiresOn: expiresOn, refreshToken: "refresh 0")
        await self.store.put(credential, for: token ?? self.token, obtainedOn: expiresOn - lifetime)
    }

    func vault(
        _ owner: String = "a",
        _ refresher: FakeRefresher,
        isAlive: Bool = true,
        journal: AnswerJournal? = nil,
        change: (inout TokenRenewal.Settings) -> Void = { _ in }
    ) throws -> TokenRenewal {
        var settings = TokenRenewal.Settings()
        // A reader waits for two seconds, or 25, which a busy machine may take for what is at once elsewhere.
        settings.patience = Patience.limit
        settings.longPatience = Patience.limit
        change(&settings)
        return TokenRenewal(
            store: self.store,
            sealer: self.sealer,
            refresher: refresher,
            owner: owner,
            isAlive: { _ in isAlive },
            journal: journal,
            clock: LeaseClock(
                now: {
                    let milliseconds = self.time / .milliseconds(1)
                    return LeaseTime(boot: "boot", milliseconds: Int64(exactly: milliseconds.rounded()) ?? 0)
                },
                date: { self.now },
                sleep: { try await Task.sleep(for: $0) }
            ),
            settings: settings,
            logger: self.log.logger
        )
    }

    var row: RenewalRow? { get async { await self.store.renewal(of: self.token) } }

    static func makeSealer() throws -> CredentialSealer {
        let key = KeyEncryptionKey()
        let check = try DataKeys.makeKeyCheck(store: "test", keyEncryptionKey: key)
        let dataKey = try DataKeys.makeDataKey(store: "test", keyEncryptionKey: key)
        let store = StoreRecord(name: "test", keyCheck: check)
        return CredentialSealer(
            keys: try DataKeys(store: store, dataKeys: [dataKey], keyEncryptionKey: key),
            keyEncryptionKey: key
        ) { (store, [dataKey]) }
    }
}
