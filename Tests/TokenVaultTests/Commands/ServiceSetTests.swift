import Foundation
import ProgramSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

/// `service set` changes what it is told to, and nothing else.
@Suite("service set")
struct ServiceSetTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run(
            [
                "service", "set", "ms", "--provider", "microsoft", "--client-id", "id", "--display-name", "Mail",
                "--scope", "User.Read", "--scope", "offline_access", "--parameter", "tenant=contoso.com",
                "--return-url", "https://a.example/",
            ],
            input: "first\n"
        )
        try await self.files.run("service", "secret", "add", "ms", input: "second")
    }

    private func configuration() async throws -> ServiceConfiguration {
        try #require(try await self.files.open().service("ms")).configuration
    }

    private func secrets() async throws -> [String] {
        let store = try await self.files.open()
        let sealer = try await store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        return try await store.clientSecrets(of: "ms").map { try $0.open(with: sealer.keys) }
    }

    private func set(_ options: String..., input: String = "") async -> String {
        do {
            return try await self.files.run(["service", "set", "ms"] + options, input: input).joined(separator: "\n")
        } catch {
            return "\(type(of: error)): \(error)"
        }
    }

    @Test func whatIsNotNamedStaysAsItIs() async throws {
        let before = try await self.configuration()
        #expect(await self.set() == "Changed the service ms.")
        #expect(try await self.configuration() == before)
        #expect(await self.set("--scope", "Mail.Read") == "Changed the service ms.")
        let after = try await self.configuration()
        #expect(after.scopes == ["Mail.Read"])
        #expect(after.displayName == "Mail")
        #expect(after.parameters == ["tenant": "contoso.com"])
        #expect(after.returnURLs == ["https://a.example/"])
        #expect(after.hash == before.hash)
        #expect(try await self.secrets() == ["second", "first"])
    }

    @Test func namingTheSameClientAgainWithASecretKeepsTheOtherSecret() async throws {
        #expect(
            await self.set("--provider", "microsoft", "--client-id", "id", input: "first") == "Changed the service ms."
        )
        #expect(try await self.secrets() == ["second", "first"])
        #expect(try await self.configuration().parameters == ["tenant": "contoso.com"])
    }

    @Test(arguments: ["display-name", "scopes", "return-urls"])
    func aPartIsTakenAwayWhenThatIsAskedFor(part: String) async throws {
        #expect(await self.set("--clear", part) == "Changed the service ms.")
        let after = try await self.configuration()
        #expect(after.displayName.isEmpty == (part == "display-name"))
        #expect(after.scopes.isEmpty == (part == "scopes"))
        #expect(after.returnURLs.isEmpty == (part == "return-urls"))
        #expect(try await self.secrets().count == 2)
    }

    @Test func clearingParametersIsAnotherClientAndTakesItsSecretAgain() async throws {
        #expect(await self.set("--clear", "parameters").hasPrefix("UsageError: Standard input holds no client secret"))
        #expect(
            await self.set("--clear", "parameters", "--keep-secret").hasPrefix("UsageError: --keep-secret goes with")
        )
        #expect(await self.set("--clear", "parameters", input: "third") == "Changed the service ms.")
        #expect(try await self.configuration().parameters.isEmpty)
        #expect(try await self.secrets() == ["third"])
    }

    @Test func anotherProviderTakesNothingOfTheOneBefore() async throws {
        #expect(await self.set("--provider", "google").hasPrefix("UsageError: --client-id is missing"))
        #expect(await self.set("--provider", "google", "--client-id", "g", input: "s") == "Changed the service ms.")
        let after = try await self.configuration()
        #expect(after.scopes.isEmpty && after.parameters.isEmpty)
        #expect(after.displayName == "Mail")
        #expect(try await self.secrets() == ["s"])
    }

    @Test func aServiceThatIsNotThereNeedsItsClient() async {
        do {
            try await self.files.run("service", "set", "new", "--scope", "x")
            Issue.record("it was made")
        } catch {
            #expect("\(error)" == "There is no service new yet: give --provider and --client-id to make it.")
        }
    }

    @Test func aSecretOnTheCommandLineIsNotTaken() async {
        #expect(await self.set("--parameter", "ClientSecret=x").hasPrefix("UsageError: A client secret is read from"))
    }

    @Test func aClientSecretIsReplacedWithoutAGap() async throws {
        let list = try await self.files.run("service", "secret", "list", "ms")
        #expect(list.count == 3)
        // printf %s second | sha256sum
        #expect(list[1].hasPrefix("16367aacb67a  "))
        #expect(list[1].hasSuffix("  first"))
        #expect(!list.joined().contains("second "))
        let full = await #expect(throws: CommandRefusal.self) {
            try await self.files.run("service", "secret", "add", "ms", input: "third")
        }
        #expect(full?.description.contains("has 2 client secrets already") == true)
        #expect(
            try await self.files.run("service", "secret", "add", "ms", input: "first")
                == ["The client secret a7937b64b8ca is there already."]
        )
        #expect(
            try await self.files.run("service", "secret", "remove", "ms", "--older")
                == ["Removed the client secret a7937b64b8ca."]
        )
        #expect(try await self.secrets() == ["second"])
    }

    @Test func theLastClientSecretGoesOnlyWhenThatIsMeant() async throws {
        _ = try await self.files.run("service", "secret", "remove", "ms", "A7937B64B8CA")
        for arguments in [["16367aacb67a"], ["--older"], ["000000000000"], ["1636"]] {
            await #expect(throws: CommandRefusal.self) {
                try await self.files.run(["service", "secret", "remove", "ms"] + arguments)
            }
        }
        for arguments in [[], ["16367aacb67a", "--older"]] {
            await #expect(throws: UsageError.self) {
                try await self.files.run(["service", "secret", "remove", "ms"] + arguments)
            }
        }
        #expect(try await self.secrets() == ["second"])
        _ = try await self.files.run("service", "secret", "remove", "ms", "16367aacb67a", "--even-the-last")
        #expect(try await self.secrets().isEmpty)
        #expect(try await self.files.run("service", "secret", "list", "ms").first?.hasPrefix("There are none") == true)
    }

    @Test(arguments: [["service", "allow-return", "ms"], ["token", "allow-return", "ms", "t"]])
    func aServiceAndATokenHaveReturnAddressesOfTheirOwn(command: [String]) async throws {
        try await self.files.run("token", "import", "ms", "t", input: "secret")
        _ = try await self.files.run("service", "set", "ms", "--clear", "return-urls")
        #expect(try await self.files.run(command).first?.hasPrefix("There are none") == true)
        let added = try await self.files.run(command + ["https://b.example/", "https://c.example/x"])
        #expect(added == ["https://b.example/", "https://c.example/x"])
        #expect(try await self.files.run(command + ["https://b.example/"]).count == 2)
        let missing = await #expect(throws: CommandRefusal.self) {
            try await self.files.run(command + ["--remove", "https://b.example/", "https://typo.example/"])
        }
        #expect(missing?.description.hasPrefix("https://typo.example/ is not among") == true)
        #expect(try await self.files.run(command + ["--remove", "https://b.example/"]) == ["https://c.example/x"])
        await #expect(throws: UsageError.self) { try await self.files.run(command + ["http://c.example/"]) }
        await #expect(throws: UsageError.self) { try await self.files.run(command + ["--remove"]) }
        let store = try await self.files.open()
        let token = try #require(try await store.token(service: "ms", name: "t"))
        #expect((try await self.configuration().returnURLs + token.returnURLs) == ["https://c.example/x"])
        #expect(try await self.secrets().count == 2)
        await #expect(throws: CommandRefusal.self) {
            try await self.files.run(command.dropLast() + ["none"])
        }
    }
}
