import ArgumentParser
import Crypto
import Foundation
import GRDB
import OAuthWire
import ProgramSupport
import TestSupport
import Testing
import TokenTransport
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// What the commands that delete tokens tell providers, and say of it.
@Suite(.timeLimit(.minutes(5)))
struct GrantEndingTests {
    private static let deletions = [
        ["token", "delete", "gl", "sample"], ["service", "delete", "gl", "--with-tokens"],
    ]
    private let fixture: GrantFixture

    init() async throws {
        self.fixture = try await GrantFixture()
        try await self.fixture.save("sample")
    }

    private func token(_ name: String = "sample") async throws -> StoredToken? {
        try await self.fixture.files.open().token(service: "gl", name: name)
    }

    @Test func theProviderIsToldAndTheCommandSaysSo() async throws {
        let lines = try await self.fixture.run(["token", "delete", "gl", "sample"])
        #expect(lines == ["Deleted the token gl/sample.", "Its provider has ended the access that was given for it."])
        #expect(self.fixture.heard.value == ["refresh of sample"])
        #expect(self.fixture.requests.value.map(\.url.absoluteString) == ["https://gitlab.com/oauth/revoke"])
        let details = try await self.fixture.details("deleteToken")
        #expect(details == ["grants to end: 1", "grants ended: 1, not ended: 0"])
    }

    @Test func aProviderThatRefusesKeepsNoToken() async throws {
        self.fixture.answer.withLock { $0 = { _ in 400 } }
        let lines = try await self.fixture.run(["token", "delete", "gl", "sample"])
        #expect(lines.count == 2)
        #expect(
            lines.last
                == "The access that was given for it is not ended, since its provider did not take that (status 400): its owner can do that at the provider."
        )
        #expect(try await self.token() == nil)
        #expect(try await self.fixture.details("deleteToken").last == "grants ended: 0, not ended: 1")
    }

    @Test func aGrantThatAnotherStoreMayUseIsLeftToIt() async throws {
        let store = try await self.fixture.files.open()
        _ = try await store.setGrantsAside(of: [], entry: nil)
        let lines = try await self.fixture.run(["token", "delete", "gl", "sample"])
        #expect(
            lines.last
                == "The access that was given for it is not ended, since another store may use it: its owner can do that at the provider."
        )
        #expect(self.fixture.heard.value.isEmpty)
        #expect(try await self.fixture.details("deleteToken") == ["grants not ended: 1 shared"])
    }

    @Test func aTokenWithoutAGrantNeedsNoWord() async throws {
        try await self.fixture.files.run("token", "create", "gl", "new")
        let lines = try await self.fixture.run(["token", "delete", "gl", "new"])
        #expect(lines == ["Deleted the token gl/new."])
        #expect(try await self.fixture.details("deleteToken") == [""])
    }

    @Test func aServiceSaysWhatItsTokensLeave() async throws {
        for index in 1...6 { try await self.fixture.save("token-\(index)") }
        try await self.fixture.save("old", hash: "another")
        self.fixture.answer.withLock { $0 = { $0 == "refresh of token-3" ? 401 : 200 } }
        let lines = try await self.fixture.run(["service", "delete", "gl", "--with-tokens"])
        #expect(
            lines == [
                "Deleted the service gl and its tokens: 8.", "The provider has ended the access that was given for 6.",
                "The access that was given for 2 is not ended; the owners can do that at the provider:",
                "  old: it was not given to the service as that is now",
                "  token-3: its provider did not take that (status 401)",
            ]
        )
        #expect(self.fixture.heard.value.count == 7)
        let details = try await self.fixture.details("deleteService")
        #expect(
            details == [
                "with its tokens; grants to end: 7; grants not ended: 1 left", "grants ended: 6, not ended: 2",
            ]
        )
    }

    @Test func aServiceThatKeepsItsTokensTellsNobody() async throws {
        await #expect(throws: CommandRefusal.self) { try await self.fixture.run(["service", "delete", "gl"]) }
        #expect(self.fixture.heard.value.isEmpty)
        #expect(try await self.token() != nil)
    }

    /// A copy of the database, and a store that was not copied.
    @Test(arguments: Self.deletions, [true, false])
    func onACopyThatNoVaultHasStartedOnNothingIsEnded(arguments: [String], isCopy: Bool) async throws {
        let store = try await self.fixture.files.open()
        try await store.mark()
        if isCopy { try FileManager.default.removeItem(atPath: StoreMarker.path(ofStore: store.pool.path)) }
        let lines = try await self.fixture.run(arguments)
        #expect(self.fixture.heard.value == (isCopy ? [] : ["refresh of sample"]))
        #expect(lines.contains { $0.contains("another store may use it") } == isCopy, "\(lines)")
        #expect(try await self.token() == nil)
    }

    struct Broken: Error {}

    @Test(arguments: Self.deletions)
    func aProviderIsToldWhereNobodyReadsTheLines(arguments: [String]) async throws {
        await #expect(throws: Broken.self) {
            try await self.fixture.run(arguments) { _ in throw Broken() }
        }
        #expect(self.fixture.heard.value == ["refresh of sample"])
        #expect(try await self.fixture.details(arguments[0] == "token" ? "deleteToken" : "deleteService").count == 2)
    }

    @Test(arguments: Self.deletions, ["TOKEN_VAULT_CA_FILE", "TOKEN_VAULT_PROVIDERS"])
    func aSettingThatIsWrongKeepsNoToken(arguments: [String], setting: String) async throws {
        let lines = Box<[String]>([])
        let context = CommandContext(
            environment: self.fixture.files.environment.merging([setting: "/dev/null/none"]) { $1 },
            readInput: { _ in Data() },
            write: { line in lines.withLock { $0.append(line) } }
        )
        let command = try #require(try TokenVaultCommand.parseAsRoot(arguments) as? any VaultCommand)
        try await command.run(in: context)
        #expect(try await self.token() == nil)
        #expect(lines.value.first?.hasPrefix("Deleted the ") == true)
        #expect(lines.value.last?.contains("its provider cannot be asked (") == true, "\(lines.value)")
        #expect(lines.value.last?.contains("/dev/null/none") == true, "\(lines.value)")
    }

    /// The first answers of a provider are not all: each of four is tried three times, and nobody else.
    @Test func aProviderThatIsSilentIsNotAskedForEveryToken() async throws {
        for index in 1...8 { try await self.fixture.save("token-\(index)") }
        self.fixture.answer.withLock { $0 = { _ in 503 } }
        let lines = try await self.fixture.run(["service", "delete", "gl", "--with-tokens"])
        #expect(self.fixture.heard.value.count == 12)
        #expect(Set(self.fixture.heard.value).count == 4)
        #expect(lines.filter { $0.hasSuffix("its provider did not take that (status 503)") }.count == 4)
        #expect(lines.filter { $0.hasSuffix("its provider does not answer") }.count == 5)
        #expect(try await self.fixture.details("deleteService").last == "grants ended: 0, not ended: 9")
    }

    @Test func aCommandBeginsToAskForTwoMinutes() async throws {
        for index in 1...19 { try await self.fixture.save("token-\(index)") }
        // Each answer takes 31 seconds.
        self.fixture.answer.withLock { [clock = self.fixture.clock] answer in
            answer = { _ in
                clock.withLock { $0 += 31_000 }
                return 200
            }
        }
        let lines = try await self.fixture.run(["service", "delete", "gl", "--with-tokens"])
        let count = self.fixture.heard.value.count
        #expect((4...7).contains(count))
        #expect(lines.filter { $0.hasSuffix("asking took too long") }.count == 20 - count)
        #expect(lines.contains("The provider has ended the access that was given for \(count)."))
    }

    @Test func whatAClientSignsIsMadeWhenItIsSent() async throws {
        let rows = try TemporaryDirectory()
        try Data(
            """
            {"signed": {"authorizeUrl": "https://signed.example/authorize", "tokenUrl": "https://signed.example/token",
              "revoke": {"url": "https://signed.example/revoke", "auth": "jwt"}}}
            """.utf8
        )
        .write(to: URL(fileURLWithPath: rows.file("signed.json")))
        let store = try await self.fixture.files.open()
        _ = try await store.putService(
            "signed",
            configuration: ServiceConfiguration(provider: "signed", clientID: "id"),
            clientSecret: P256.Signing.PrivateKey().pemRepresentation,
            sealer: store.sealer(keyEncryptionKey: self.fixture.files.keyEncryptionKey())
        )
        try await self.fixture.save("one", service: "signed")
        let statuses = Box([503, 200])
        self.fixture.answer.withLock { $0 = { _ in statuses.withLock { $0.removeFirst() } } }
        let lines = try await self.fixture.run(
            ["token", "delete", "signed", "one"],
            environment: ["TOKEN_VAULT_PROVIDERS": rows.path]
        )
        #expect(lines.last == "Its provider has ended the access that was given for it.", "\(lines)")
        let assertions = self.fixture.requests.value.map { request in
            FormFields(String(decoding: request.body ?? Data(), as: UTF8.self))["client_assertion"]
        }
        #expect(assertions.count == 2)
        #expect(!assertions.contains(nil))
        #expect(Set(assertions).count == 2)
    }
}
