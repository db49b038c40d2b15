import Foundation
import ProgramSupport
import Testing
import VaultCore
import VaultSQLite

@testable import TokenVault

/// Policies by command: for the store, a service and a token.
@Suite("policy")
struct PolicyCommandTests {
    private static let principal = ["--other-ids", "--tenant", "TENANT", "--object", "object"]
    private static let name = "tenant tenant object object"
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run("token", "import", "dropbox", "sample", input: "secret")
    }

    private func grant(_ permissions: String, _ scope: String...) async throws -> [String] {
        try await self.files.run(["policy", "grant"] + Self.principal + ["--permissions", permissions] + scope)
    }

    private func revoke(_ scope: String...) async throws -> [String] {
        try await self.files.run(["policy", "revoke"] + Self.principal + scope)
    }

    private func complaint(_ arguments: [String]) async -> String {
        do {
            return try await self.files.run(arguments).joined(separator: "\n")
        } catch {
            return "\(type(of: error)): \(error)"
        }
    }

    private func may(_ resource: Resource) async throws -> [String] {
        let principal = Principal(tenantID: "tenant", objectID: "object")
        return try await self.files.open().permissions(of: principal, on: resource).names
    }

    @Test func policiesAreGrantedListedAndRevoked() async throws {
        let none = ["There are no policies; `token-vault policy grant` makes one."]
        #expect(try await self.files.run("policy", "list") == none)
        #expect(
            try await self.grant("Get, list")
                == ["Granted; \(Self.name) may ListService,GetService,ListToken,GetToken on the store."]
        )
        #expect(
            try await self.grant("DeleteToken")
                == ["Granted; \(Self.name) may ListService,GetService,ListToken,GetToken,DeleteToken on the store."]
        )
        #expect(
            try await self.files.run("policy", "list") == [
                "FOR        TENANT  OBJECT  MAY",
                "the store  tenant  object  ListService,GetService,ListToken,GetToken,DeleteToken",
            ]
        )
        #expect(try await self.revoke() == ["Revoked; \(Self.name) has no permission."])
        #expect(
            await self.complaint(["policy", "revoke"] + Self.principal)
                == "CommandRefusal: There is no policy of \(Self.name) for the store: `token-vault policy list` shows those "
                + "that there are."
        )
        #expect(try await self.files.run("policy", "list") == none)
    }

    @Test func aPolicyOfOneTokenReachesThatTokenAlone() async throws {
        try await self.files.run("token", "import", "dropbox", "other", input: "secret")
        _ = try await self.grant("GetToken", "--service", "dropbox", "--token", "sample")
        #expect(try await self.may(.token(service: "dropbox", token: "sample")) == ["GetToken"])
        #expect(try await self.may(.token(service: "dropbox", token: "other")).isEmpty)
        #expect(try await self.may(.service("dropbox")).isEmpty)
    }

    @Test func revokingTakesTheScopeThatWasNamedAndNoOther() async throws {
        let (service, token) = (Resource.service("dropbox"), Resource.token(service: "dropbox", token: "sample"))
        _ = try await self.grant("GetToken")
        _ = try await self.grant("ListToken", "--service", "dropbox")
        _ = try await self.grant("DeleteToken", "--service", "dropbox", "--token", "sample")
        #expect(
            try await self.revoke("--service", "dropbox") == [
                "Revoked; \(Self.name) has no policy for service dropbox any more, and still those for the store, "
                    + "token dropbox/sample."
            ]
        )
        #expect(try await self.may(service) == ["GetToken"])
        #expect(try await self.may(token) == ["GetToken", "DeleteToken"])
        _ = try await self.revoke()
        #expect(try await self.may(.store).isEmpty)
        #expect(try await self.may(token) == ["DeleteToken"])
        #expect(
            await self.complaint(["policy", "revoke"] + Self.principal)
                == "CommandRefusal: There is no policy of \(Self.name) for the store, but for token dropbox/sample: "
                + "`token-vault policy list` shows those that there are."
        )
        #expect(try await self.may(token) == ["DeleteToken"])
    }

    @Test func everythingGoesWhenThatIsAskedFor() async throws {
        _ = try await self.grant("GetToken")
        _ = try await self.grant("GetToken", "--service", "dropbox", "--token", "sample")
        #expect(try await self.revoke("--everywhere") == ["Revoked; \(Self.name) has no permission."])
        #expect(try await self.files.open().policies(on: nil).isEmpty)
        let both = await self.complaint(
            ["policy", "revoke"] + Self.principal + ["--everywhere", "--service", "dropbox"]
        )
        #expect(both.hasPrefix("UsageError: --everywhere goes without"))
    }

    @Test(arguments: [
        (["--service", "none"], "CommandRefusal: There is no service none:"),
        (["--service", "dropbox", "--token", "none"], "CommandRefusal: There is no token dropbox/none:"),
        (["--token", "sample"], "UsageError: --token needs --service"),
        (["--service", "a/b"], "UsageError: That cannot be the name of a service"),
        (["--service", "dropbox", "--token", "a b"], "UsageError: That cannot be the name of a token"),
    ])
    func aScopeThatIsNotThereGetsNoPolicy(scope: [String], complaint: String) async throws {
        let actual = await self.complaint(["policy", "grant"] + Self.principal + ["--permissions", "Get"] + scope)
        #expect(actual.hasPrefix(complaint))
        #expect(try await self.files.open().policies(on: nil).isEmpty)
    }

    @Test func thoseOfOneServiceAreListed() async throws {
        _ = try await self.grant("Get")
        _ = try await self.grant("GetToken", "--service", "dropbox")
        let lines = try await self.files.run("policy", "list", "--service", "dropbox")
        #expect(lines.dropFirst() == ["service dropbox  tenant  object  GetToken"])
        #expect(try await self.files.run("policy", "list").count == 3)
    }

    @Test func aCheckDoesNotCountThePolicyOfOneTokenAsOneOfEvery() async throws {
        _ = try await self.grant("GetToken", "--service", "dropbox", "--token", "sample")
        func row() async throws -> String? {
            try await self.files.run("serve", "--check").joined().split(separator: "\n")
                .first { $0.hasPrefix("policies:") }.map(String.init)
        }
        #expect(try await row() == "policies:         1: 1 may read some tokens")
        try await self.files.run(
            ["policy", "grant", "--other-ids", "--tenant", "t", "--object", "o", "--permissions", "Get"]
        )
        #expect(try await row() == "policies:         2: 1 may read every token, 1 may read some tokens")
        _ = try await self.grant("GetToken")
        #expect(try await row() == "policies:         3: 2 may read every token")
    }
}
