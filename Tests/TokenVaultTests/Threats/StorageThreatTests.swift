import Foundation
import GRDB
import HTTPTypes
import OAuthWire
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

/// What somebody could do who has the files of the store, and not its key.
@Suite("Threats: storage", .timeLimit(.minutes(5)))
struct StorageThreatTests {
    /// Looks at the raw bytes of the database and its logs after every step of a login.
    @Test func aStolenDatabaseRevealsNothingOfALogin() async throws {
        let login = try await LoginFixture()
        var secrets = [LoginFixture.clientSecret]
        func expectNothing(_ step: String) throws {
            let bytes = try login.vault.files.directory.contents()
            #expect(bytes.range(of: Data("dropbox".utf8)) != nil)
            for secret in secrets {
                for form in [Data(secret.utf8), Data(secret.utf8).base64EncodedData(), Data(secret.prefix(16).utf8)] {
                    #expect(bytes.range(of: form) == nil, "\(step): \(secret)")
                }
            }
        }
        let begun = try await login.begin()
        secrets += [begun.parameter("state"), String(begun.cookie.split(separator: "=").last ?? "")]
        try expectNothing("begun")
        let back = try LoginFixture.Browser(try await login.redirect(begun))
        let exchange = try #require(login.exchanges.last)
        secrets += [
            back.parameter("code"), try #require(exchange["code_verifier"]), "the-provider-code",
            LoginFixture.accessToken, LoginFixture.refreshToken,
        ]
        #expect(!secrets.contains(""))
        try expectNothing("came back")
        #expect(try await login.save(back.parameter("code")).status == 200)
        try expectNothing("saved")
        #expect(try await login.read().status == 200)
        try await login.vault.store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try expectNothing("checkpointed")
    }

    /// With what is known of a hash in the database nobody goes on with a login.
    @Test func whatTheDatabaseHoldsOfALoginOpensNothing() async throws {
        let login = try await LoginFixture()
        _ = try await login.begin()
        let hashes = try await login.vault.store.pool.read { db in
            try Row.fetchOne(db, sql: "SELECT state_hash, cookie_hash FROM pending_login").map { row in
                [row["state_hash"] as Data, row["cookie_hash"] as Data].map { Base64URL.encode($0) }
            }
        }
        let (state, cookie) = (try #require(hashes?.first), try #require(hashes?.last))
        let reply = try await login.vault.send(
            .get,
            "/redirect?state=\(state)&code=x",
            cookie: "__Host-token-vault-login=\(cookie)"
        )
        #expect(reply.status == 400)
        #expect(reply.body.contains("has come back already"))
    }

    /// Somebody writes the database: nothing that was moved or changed is handed out.
    @Test(arguments: [
        // Two people's tokens, exchanged.
        """
        CREATE TABLE swap AS SELECT * FROM credential;
        UPDATE credential SET access_token = (SELECT access_token FROM swap WHERE swap.token_id <> credential.token_id)
        """,
        "UPDATE token SET name = CASE name WHEN 'sample' THEN 'x' ELSE 'sample' END WHERE name IN ('sample', 'other')",
        // One that lives for ever.
        "UPDATE credential SET expires_on = expires_on + 864000", "UPDATE credential SET expires_on = NULL",
        // The refresh token in the place of the access token.
        "UPDATE credential SET access_token = refresh_token",
        // An old value in the place of the new one.
        "UPDATE credential SET access_token = (SELECT access_token FROM kept WHERE kept.token_id = credential.token_id)",
        "UPDATE token SET version = version - 1",
    ])
    func whatWasChangedInTheDatabaseIsNotHandedOut(change: String) async throws {
        let vault = try await VaultFixture()
        func save(_ text: String, _ name: String) async throws {
            _ = try await vault.store.saveCredential(
                Credential(
                    accessToken: "\(text)-access-of-\(name)",
                    expiresOn: vault.clock.date.addingTimeInterval(3600),
                    refreshToken: "\(text)-refresh-of-\(name)"
                ),
                service: "dropbox",
                token: name,
                sealer: vault.sealer
            )
        }
        try await save("old", "sample")
        try await save("old", "other")
        try await vault.store.pool.write { try $0.execute(sql: "CREATE TABLE kept AS SELECT * FROM credential") }
        try await save("new", "sample")
        try await save("new", "other")
        let good = try await vault.send(.post, "/services/dropbox/tokens/sample", body: "")
        #expect(good.body.contains("new-access-of-sample"))
        try await vault.store.pool.write { try $0.execute(sql: change) }
        for name in ["sample", "other"] {
            let reply = try await vault.send(.post, "/services/dropbox/tokens/\(name)", body: "")
            #expect(reply.status == 500 || reply.status == 404, "\(name)")
            #expect(!reply.body.contains("access-of") && !reply.body.contains("refresh-of"))
        }
        #expect(
            try await vault.audit().contains { $0.hasSuffix("/sample damaged") || $0.hasSuffix("/sample notFound") }
        )
    }

    @Test func aPendingLoginThatWasPointedElsewhereIsNotFollowed() async throws {
        let login = try await LoginFixture()
        let begun = try await login.begin()
        try await login.vault.store.pool.write {
            try $0.execute(sql: "UPDATE pending_login SET return_url = 'http://localhost:10329/other'")
        }
        let reply = try await login.redirect(begun)
        #expect(reply.status == 500)
        #expect(reply.headers[.location] == nil)
        #expect(login.exchanges.isEmpty)
    }
}
