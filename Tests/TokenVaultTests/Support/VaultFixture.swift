import FastCGI
import Foundation
import GRDB
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestSupport
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// A vault with a service, a policy and an issuer, whose responder is called without a server.
struct VaultFixture: Sendable {
    struct Reply: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: String
    }

    let files: StoreFixture
    let issuer: TestIssuer
    let clock = ManualClock()
    /// What the vault logs of its requests.
    let logs = LogCapture()
    let transport: FakeTransport
    let store: SQLiteStore
    let sealer: CredentialSealer
    let responder: VaultResponder
    let metrics: VaultMetrics
    let renewal: TokenRenewal
    let revoker: GrantRevoker

    init(
        permissions: String = "Get",
        environment changes: [String: String] = [:],
        answer: FakeTransport.Answer? = nil
    ) async throws {
        let files = try StoreFixture()
        let issuer = try TestIssuer()
        let clock = self.clock
        try await files.makeStore()
        try await files.run("service", "create", "dropbox", "--provider", "dropbox")
        if !permissions.isEmpty {
            try await files.run([
                "policy", "grant", "--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID,
                "--permissions", permissions,
            ])
        }
        self.transport = FakeTransport(answer ?? { try issuer.answer($0) })
        let opened = try await files.open(now: { clock.date })
        self.sealer = try await opened.sealer(keyEncryptionKey: files.keyEncryptionKey())
        self.store = try await opened.chainingAudit(
            sealer: self.sealer,
            live: LivenessFile(databasePath: files.databasePath)
        )
        let vault = try await App.build(
            settings: Settings(environment: files.environment.merging(changes) { $1 }),
            keySource: .file(KeyFile(path: files.keyPath, databasePath: files.databasePath)),
            transport: self.transport,
            providerTransport: self.transport,
            logger: self.logs.logger,
            clock: LeaseClock(
                now: { LeaseTime(boot: "test", milliseconds: clock.now.offset.components.seconds * 1000) },
                date: { clock.date },
                sleep: { duration in
                    // A reader waits for two seconds, which a busy machine may take for what is at once elsewhere; and so does a
                    // revocation before it is tried again, which therefore takes as long.
                    let isPatience = duration == TokenRenewal.Settings().patience
                    try await Task.sleep(for: isPatience ? .seconds(15) : duration)
                }
            )
        )
        self.responder = vault.responder
        self.metrics = vault.metrics
        self.renewal = vault.renewal
        self.revoker = vault.revoker
        self.files = files
        self.issuer = issuer
    }

    /// What the routes read tokens with, for tests that are not about HTTP; its clock may be ahead of that of the renewals.
    func reader(offset: TimeInterval = 0, renewal: TokenRenewal? = nil) -> TokenAccess {
        TokenAccess(
            store: self.store,
            sealer: self.sealer,
            audit: AuditLog(store: self.store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            renewal: renewal,
            now: { [clock = self.clock] in clock.date + offset }
        )
    }

    /// A token that everything is right with.
    func bearer(_ change: (inout [String: JSONValue]) -> Void = { _ in }) throws -> String {
        var claims = TestIssuer.claims(now: self.clock.date)
        change(&claims)
        return try self.issuer.token(claims)
    }

    func importToken(
        _ accessToken: String,
        name: String = "sample",
        expiresIn seconds: TimeInterval? = nil
    ) async throws {
        _ = try await self.store.saveAccessToken(
            accessToken,
            expiresOn: seconds.map { self.clock.date.addingTimeInterval($0) },
            service: "dropbox",
            token: name,
            sealer: self.sealer
        )
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        bearer: String? = nil,
        authorization: [String] = [],
        cookie: String? = nil,
        prefer: String? = nil,
        body: String = ""
    ) async throws -> Reply {
        var head = HTTPRequest(method: method, scheme: "https", authority: "asked.example.com", path: path)
        for value in authorization + (bearer.map { ["Bearer \($0)"] } ?? []) {
            head.headerFields.append(HTTPField(name: .authorization, value: value))
        }
        head.headerFields[.cookie] = cookie
        if let name = HTTPField.Name("Prefer") { head.headerFields[name] = prefer }
        let response = try await self.responder.respond(
            to: Request(head: head, body: HummingbirdCore.RequestBody(buffer: ByteBuffer(string: body))),
            context: GatewayRequestContext(
                source: .init(logger: self.logs.logger)
            )
        )
        return Reply(
            status: response.status.code,
            headers: response.headers,
            body: String(buffer: try await response.collectedBody())
        )
    }

    /// Sends as the principal of the fixture.
    func send(_ method: HTTPRequest.Method, _ path: String, body: String) async throws -> Reply {
        try await self.send(method, path, bearer: self.bearer(), body: body)
    }

    /// The audit, one row a line, without what the commands did that made the store.
    func audit() async throws -> [String] {
        try await self.store.pool.read { db in
            let sql = """
                SELECT at || ' ' || tenant_id || ' ' || object_id || ' ' || action || ' ' || service || '/' || token
                    || ' ' || outcome FROM audit WHERE object_id NOT LIKE 'uid %' ORDER BY id
                """
            return try String.fetchAll(db, sql: sql)
        }
    }
}
