import ArgumentParser
import Foundation
import GRDB
import TestSupport
import Testing
import TokenTransport
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

/// What an administrator is told who asks what is broken.
@Suite("doctor")
struct DoctorCommandTests {
    private let files: StoreFixture
    private let issuer: TestIssuer

    init() async throws {
        self.files = try StoreFixture()
        self.issuer = try TestIssuer()
        try await self.files.makeStore()
        let github = ["service", "set", "gh", "--provider", "github", "--client-id", "id"]
        try await self.files.run(github + ["--return-url", "https://a.example/"], input: "secret")
        try await self.files.run(
            "policy",
            "grant",
            "--other-ids",
            "--tenant",
            "t",
            "--object",
            "o",
            "--permissions",
            "GetToken",
            "--service",
            "gh"
        )
    }

    private struct Visit {
        let code: Int32
        let text: String

        /// What was found about something, and what to do.
        func about(_ name: String, _ state: String) -> String? {
            self.text.components(separatedBy: "\n\n").first {
                $0.hasPrefix("\(name) ") && $0.split(separator: "\n").first?.hasSuffix(" \(state)") == true
            }
        }
    }

    private func visit(
        _ options: [String] = [],
        environment: [String: String] = [:],
        now: @escaping @Sendable () -> Date = { Date() },
        answer: FakeTransport.Answer? = nil
    ) async throws -> Visit {
        let output = Box<[String]>([])
        let context = CommandContext(
            environment: self.files.environment.merging(environment) { $1 },
            readInput: { _ in Data() },
            write: { line in output.withLock { $0.append(line) } }
        )
        let command = try #require(try TokenVaultCommand.parseAsRoot(["doctor"] + options) as? DoctorCommand)
        let issuer = self.issuer
        do {
            try await command.run(
                in: context,
                transport: FakeTransport(answer ?? { try issuer.answer($0) }),
                now: now
            )
        } catch let exit as ExitCode {
            return Visit(code: exit.rawValue, text: output.value.joined(separator: "\n"))
        }
        return Visit(code: 0, text: output.value.joined(separator: "\n"))
    }

    private func change(_ sql: String) async throws {
        try await self.files.open().pool.write { try $0.execute(sql: sql) }
    }

    @Test func nothingIsBrokenInAVaultThatWorks() async throws {
        let visit = try await self.visit()
        #expect(visit.code == 0, "\(visit.text)")
        #expect(visit.text.hasSuffix("Nothing is broken."))
        for name in ["settings", "key", "store", "disk", "clock", "renewals", "service gh", "tokens", "policies"] {
            #expect(visit.about(name, "works") != nil, "\(name)")
        }
        #expect(visit.about("issuer https://sts.example.com/tenant-1", "works") != nil)
    }

    @Test func aScriptGetsTheSameAsJSON() async throws {
        try await self.files.run("token", "import", "gh", "t", input: "secret")
        try await self.change("UPDATE token SET problem = 'Revoked'")
        let visit = try await self.visit(["--json"])
        #expect(visit.code == 1)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(visit.text.utf8)) as? [String: Any]
        )
        #expect(report["works"] as? Bool == false)
        let findings = try #require(report["findings"] as? [[String: String]])
        let token = try #require(findings.first { $0["about"] == "token gh/t" })
        #expect(token["state"] == "broken")
        #expect(token["finding"] == "Revoked: The provider says that the access was withdrawn: log in again.")
        #expect(token["remedy"] == "somebody has to log in again")
    }

    @Test(arguments: [
        ("Revoked", "somebody has to log in again"), ("LostRotation", "somebody has to log in again"),
        ("PossibleTheft", "find out first who else may have the refresh token"),
        ("Uncertain", "wait until the token has expired"), ("ServiceBroken", "`token-vault service secret add gh`"),
        ("ServiceChanged", "set the service as it was"),
    ])
    func eachTokenThatIsNotInOrderComesWithItsRemedy(problem: String, remedy: String) async throws {
        try await self.files.run("token", "import", "gh", "t", input: "secret")
        try await self.change("UPDATE token SET problem = '\(problem)'")
        let visit = try await self.visit()
        #expect(visit.code == 1)
        let found = try #require(visit.about("token gh/t", "broken"))
        #expect(found.contains("\n    \(problem): "))
        #expect(found.contains(remedy))
        #expect(visit.text.hasSuffix("Broken: token gh/t."))
        // The words of the manual.
        let shown = try await self.files.run("token", "show", "gh", "t").joined()
        #expect(shown.contains(remedy))
    }

    @Test func aTokenThatNobodyLoggedInForYetIsNoFault() async throws {
        _ = try await self.files.open().putToken(service: "gh", name: "t", displayName: nil, returnURLs: nil)
        let visit = try await self.visit()
        #expect(visit.code == 0)
        #expect(visit.about("token gh/t", "note")?.contains("To do: log in") == true)
    }

    @Test func aTokenThatWasMovedToAnotherStoreIsNoFault() async throws {
        try await self.files.run("token", "import", "gh", "t", input: "secret")
        try await self.change("UPDATE token SET problem = 'Exported'")
        let visit = try await self.visit()
        #expect(visit.code == 0)
        #expect(visit.about("token gh/t", "note")?.contains("Exported") == true)
    }

    @Test func anIssuerThatIsNotReachedIsNamed() async throws {
        let visit = try await self.visit(answer: { _ in throw TransportError(.other, "Connection refused") })
        #expect(visit.code == 1)
        let found = try #require(visit.about("issuer https://sts.example.com/tenant-1", "broken"))
        #expect(found.contains("Connection refused"))
        #expect(found.contains("https://sts.example.com/tenant-1/.well-known/openid-configuration"))
    }

    @Test func settingsThatCannotBeUsedDoNotKeepItFromTheRest() async throws {
        let visit = try await self.visit(environment: ["TOKEN_VAULT_ISSUERS": "", "TOKEN_VAULT_STROE": "x"])
        #expect(visit.code == 1)
        #expect(visit.about("settings", "broken")?.contains("TOKEN_VAULT_ISSUERS is not set") == true)
        #expect(visit.about("settings", "note")?.contains("is TOKEN_VAULT_STORE meant?") == true)
        #expect(visit.about("service gh", "works") != nil)
    }

    @Test func aKeyThatIsMissingOrAnotherIsNamed() async throws {
        try FileManager.default.removeItem(atPath: self.files.keyPath)
        #expect(try await self.visit().about("key", "broken")?.contains("There is no key file") == true)
        #expect(try KeyFile(path: self.files.keyPath, databasePath: self.files.databasePath).create())
        let other = try await self.visit()
        #expect(other.code == 1)
        #expect(other.about("key", "broken")?.contains("does not fit the store") == true)
        #expect(other.about("tokens", "works") != nil)
    }

    @Test func aStoreThatIsNotThereOrNewerIsNamed() async throws {
        let elsewhere = try await self.visit(environment: [
            "TOKEN_VAULT_STORE": self.files.directory.file("none.sqlite")
        ])
        #expect(elsewhere.code == 1)
        #expect(elsewhere.about("store", "broken")?.contains("There is no store at") == true)
        try await self.change("INSERT INTO grdb_migrations VALUES ('99 of the future')")
        #expect(try await self.visit().about("store", "broken")?.contains("was made by a newer token-vault") == true)
    }

    @Test func aServiceThatCannotWorkIsNamedWithItsRemedy() async throws {
        let returns = ["service", "set", "gh", "--clear", "return-urls"]
        try await self.files.run(returns)
        let nowhere = try #require(try await self.visit().about("service gh", "broken"))
        #expect(nowhere.contains("Nobody can log in") && nowhere.contains("service allow-return gh URL"))
        try await self.files.run("store", "allow-return", "https://a.example/")
        try await self.change("DELETE FROM service_secret")
        #expect(try await self.visit().about("service gh", "broken")?.contains("clientsecret is missing") == true)
        try await self.change("UPDATE service SET provider = 'gone'")
        #expect(try await self.visit().about("service gh", "broken")?.contains("There is no provider gone") == true)
        try await self.files.run("service", "create", "plain", "--provider", "dropbox")
        #expect(try await self.visit().about("service plain", "note")?.contains("nobody can log in") == true)
    }

    @Test func policiesThatLetInNobodyOrTooManyAreSaid() async throws {
        try await self.files.run(
            "policy",
            "revoke",
            "--other-ids",
            "--tenant",
            "t",
            "--object",
            "o",
            "--service",
            "gh"
        )
        let nobody = try await self.visit()
        #expect(nobody.code == 1)
        #expect(nobody.about("policies", "broken")?.contains("Nobody may read a token") == true)
        let grant = ["policy", "grant", "--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID]
        try await self.files.run(grant + ["--permissions", "Get"])
        let all = try await self.visit()
        #expect(all.code == 0)
        #expect(all.about("policies", "note")?.contains("1 of them may read every token") == true)
        let foreign = try await self.visit(
            environment: ["TOKEN_VAULT_ISSUERS": "https://sts.windows.net/99999999-9999-9999-9999-999999999999/"]
        )
        #expect(
            foreign.about("policies", "broken")?.contains("no issuer in TOKEN_VAULT_ISSUERS is that tenant's") == true
        )
    }

    @Test func aClockBehindTheAuditIsBroken() async throws {
        let principal = Principal(tenantID: "t", objectID: "o")
        let context = CommandContext(environment: self.files.environment, readInput: { _ in Data() }, write: { _ in })
        let (store, _) = try await context.openChainedStore()
        try await store.append([AuditEntry(principal: principal, action: .getToken, outcome: .given)])
        let visit = try await self.visit(now: { Date().addingTimeInterval(-600) })
        #expect(visit.code == 1)
        #expect(visit.about("clock", "broken")?.contains("set the clock right") == true)
    }

    @Test func whatRenewalsLeftBehindIsSaid() async throws {
        try await self.files.run("token", "import", "gh", "t", input: "secret")
        try await self.change(
            """
            INSERT INTO quarantine SELECT 99, 'gh', 't', kid, access_token, 0 FROM credential;
            INSERT INTO renewal (token_id, epoch, phase, version, lost_answers, failures)
                SELECT token_id, 1, 'answered', 1, 0, 0 FROM credential;
            """
        )
        let visit = try await self.visit()
        #expect(visit.code == 0)
        #expect(visit.text.contains("1 answers of providers came too late and are kept in quarantine."))
        #expect(visit.text.contains("1 answers of providers are stored and nobody has read them yet."))
    }

    @Test func aTimeLimitThatIsNoneIsAMistakeOnTheCommandLine() async throws {
        await #expect(throws: (any Error).self) { try await self.visit(["--timeout", "0"]) }
    }
}
