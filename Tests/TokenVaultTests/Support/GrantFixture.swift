import ArgumentParser
import Foundation
import GRDB
import OAuthWire
import TestSupport
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// A store with services whose providers can be told to end a grant, and what they hear when commands delete tokens.
struct GrantFixture: Sendable {
    typealias Answer = @Sendable (_ token: String) -> Int

    let files: StoreFixture
    /// The tokens that are to be ended, in the order in which providers hear of them.
    let heard = Box<[String]>([])
    let requests = Box<[TransportRequest]>([])
    let answer = Box<Answer>({ _ in 200 })
    /// Milliseconds; whoever sleeps moves it.
    let clock = Box<Int64>(0)
    /// What happens while a command sleeps.
    let whileAsleep = Box<@Sendable () async throws -> Void>({})

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "set", "gl", "--provider", "gitlab", "--client-id", "id", input: "secret")
    }

    func save(_ name: String, service: String = "gl", hash: String? = nil, account: String? = nil) async throws {
        let store = try await self.files.open()
        let stored = try await store.service(service)
        _ = try await store.saveCredential(
            Credential(
                accessToken: "access of \(name)",
                refreshToken: "refresh of \(name)",
                configurationHash: hash ?? stored?.configurationHash ?? ""
            ),
            service: service,
            token: name,
            sealer: store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        )
        guard let account else { return }
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE token SET account_subject = ?
                    WHERE name = ? AND service_id = (SELECT id FROM service WHERE name = ?)
                    """,
                arguments: [account, name, service]
            )
        }
    }

    /// Whether a vault has a renewal of the token under way.
    func setRenewal(isUnderWay: Bool, of token: String) async throws {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        let _: Bool? = try await store.changeRenewal(of: TokenKey(service: "gl", token: token), sealer: sealer) { row in
            row.lease.phase = isUnderWay ? .armed : .idle
            return (result: true, writes: [])
        }
    }

    func transport() -> FakeTransport {
        FakeTransport { request in
            let token = FormFields(String(decoding: request.body ?? Data(), as: UTF8.self))["token"] ?? ""
            self.heard.withLock { $0.append(token) }
            self.requests.withLock { $0.append(request) }
            return TransportResponse(status: self.answer.value(token), body: Data())
        }
    }

    /// Runs a command, with other settings beside those of the store, and returns its lines unless something else takes them.
    func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        write: (@Sendable (String) throws -> Void)? = nil
    ) async throws -> [String] {
        let lines = Box<[String]>([])
        let context = CommandContext(
            environment: self.files.environment.merging(environment) { $1 },
            readInput: { _ in Data() },
            write: write ?? { line in lines.withLock { $0.append(line) } }
        )
        let clock = LeaseClock(
            now: { LeaseTime(boot: "test", milliseconds: self.clock.value) },
            date: { Date() },
            sleep: { duration in
                self.clock.withLock { $0 += Int64(duration / .milliseconds(1)) }
                try await self.whileAsleep.value()
            }
        )
        switch try TokenVaultCommand.parseAsRoot(arguments) {
        case let command as TokenDeleteCommand:
            try await command.run(in: context, clock: clock, transport: self.transport)
        case let command as ServiceDeleteCommand:
            try await command.run(in: context, clock: clock, transport: self.transport)
        default: throw StoreFixture.CommandIsAGroup()
        }
        return lines.value
    }

    /// What the audit says beside the action, in the order of its entries.
    func details(_ action: String) async throws -> [String] {
        var details: [String] = []
        try await self.files.open().readAudit(before: nil) { if $0.action == action { details.append($0.detail) } }
        return details
    }
}
