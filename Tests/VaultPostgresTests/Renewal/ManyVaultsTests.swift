import Foundation
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultPostgres

/// Vaults on several machines that renew the tokens of one store, with a provider that ends a grant at the second use of a refresh
/// token.
struct ManyVaultsTests {
    @Test(arguments: [false, true])
    func eachGrantIsRenewedOnceHoweverManyVaultsSweepAndRead(isPooled: Bool) async throws {
        let files = try await PostgresFixture(isPooled: isPooled)
        try await files.makeStore()
        let tokens = (0..<30).map { TokenKey(service: "dropbox", token: "t\($0)") }
        let first = try await files.open()
        _ = try await first.createService("dropbox", provider: "dropbox")
        let sealer = try await files.sealer(of: first)
        let credential = Credential(accessToken: "access 0", expiresOn: Date() - 1, refreshToken: "refresh 0")
        for token in tokens {
            _ = try await first.saveCredential(credential, service: token.service, token: token.token, sealer: sealer)
        }
        let refresher = FakeRefresher { _, _ in
            try await Task.sleep(for: .milliseconds(5))
            return nil
        }
        let log = LogCapture()
        var vaults: [TokenRenewal] = []
        for number in 0..<3 {
            let boot = MachineClock("boot \(number)")
            let (store, sealer, live) = try await files.openChained(machine: "m\(number)", leaseNow: { boot.now })
            vaults.append(
                TokenRenewal(
                    store: store,
                    sealer: sealer,
                    refresher: refresher,
                    owner: live.owner,
                    isAlive: { live.isAlive($0) },
                    clock: LeaseClock(now: { boot.now }, date: { Date() }, sleep: { try await Task.sleep(for: $0) }),
                    logger: log.logger
                )
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for vault in vaults {
                group.addTask { try await vault.sweep() }
                for token in tokens.shuffled() { group.addTask { _ = try await vault.refresh(token) } }
            }
            try await group.waitForAll()
        }
        #expect(refresher.calls == tokens.count, "\(log.lines.prefix(5))")
        #expect(refresher.state.value.isDead.isEmpty)
        for token in tokens {
            let stored = try await first.token(service: token.service, name: token.token)
            #expect(try sealer.keys.open(#require(stored?.credential)).refreshToken == "refresh 1")
        }
        let report = try await first.verifyAudit(sealer: sealer)
        #expect(report.findings.isEmpty)
        #expect(report.verified == tokens.count)
    }
}
