import Foundation
import TestSupport
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

/// Which grants the commands leave, since they may not be those of the deleted token alone.
@Suite(.timeLimit(.minutes(5)))
struct GrantLeavingTests {
    private let fixture: GrantFixture

    init() async throws {
        self.fixture = try await GrantFixture()
        try await self.fixture.save("sample", account: "me")
    }

    /// A token that stays.
    struct Other: Sendable {
        var provider = "gitlab"
        var client = "id"
        var service = "gl"
        var account: String? = "me"
        let isLeft: Bool
    }

    @Test(
        arguments: [
            Other(isLeft: true), Other(account: "you", isLeft: false), Other(account: nil, isLeft: false),
            Other(service: "second", isLeft: true), Other(client: "other", service: "second", isLeft: false),
            Other(provider: "linear", service: "second", isLeft: false),
        ]
    )
    func aGrantThatAnotherTokenOfTheAccountNeedsIsLeft(other: Other) async throws {
        if other.service != "gl" {
            try await self.fixture.files.run(
                "service",
                "set",
                other.service,
                "--provider",
                other.provider,
                "--client-id",
                other.client,
                input: "secret"
            )
        }
        try await self.fixture.save("other", service: other.service, account: other.account)
        let lines = try await self.fixture.run(["token", "delete", "gl", "sample"])
        #expect(self.fixture.heard.value == (other.isLeft ? [] : ["refresh of sample"]))
        #expect(lines.last?.contains("another token of the same account is kept") == other.isLeft, "\(lines)")
    }

    /// Whoever deletes both ends the grant, and so does whoever deletes the last.
    @Test(arguments: [true, false])
    func theLastTokenOfAnAccountTakesTheGrantAlong(isService: Bool) async throws {
        try await self.fixture.save("other", account: "me")
        if isService {
            _ = try await self.fixture.run(["service", "delete", "gl", "--with-tokens"])
            #expect(Set(self.fixture.heard.value) == ["refresh of sample", "refresh of other"])
        } else {
            for token in ["sample", "other"] { _ = try await self.fixture.run(["token", "delete", "gl", token]) }
            #expect(self.fixture.heard.value == ["refresh of other"])
        }
    }

    @Test func whereATokenEndsAloneNoOtherOneKeepsIt() async throws {
        try await self.fixture.files.run(
            "service",
            "set",
            "at",
            "--provider",
            "atlassian",
            "--client-id",
            "id",
            input: "secret"
        )
        for name in ["one", "two"] { try await self.fixture.save(name, service: "at", account: "me") }
        _ = try await self.fixture.run(["token", "delete", "at", "one"])
        #expect(self.fixture.heard.value == ["refresh of one"])
    }

    /// It brings another refresh token, or never ends.
    @Test(
        arguments: [["token", "delete", "gl", "sample"], ["service", "delete", "gl", "--with-tokens"]],
        [true, false]
    )
    func aRenewalThatIsUnderWayIsWaitedForAWhile(arguments: [String], ends: Bool) async throws {
        try await self.fixture.setRenewal(isUnderWay: true, of: "sample")
        let sleeps = Box(0)
        self.fixture.whileAsleep.withLock { [fixture = self.fixture] body in
            body = {
                sleeps.withLock { $0 += 1 }
                guard sleeps.value == 3, ends else { return }
                let store = try await fixture.files.open()
                let service = try await store.service("gl")
                let sealer = try await store.sealer(keyEncryptionKey: fixture.files.keyEncryptionKey())
                _ = try await store.saveCredential(
                    Credential(
                        accessToken: "new",
                        refreshToken: "new refresh",
                        configurationHash: service?.configurationHash ?? ""
                    ),
                    service: "gl",
                    token: "sample",
                    sealer: sealer
                )
                try await fixture.setRenewal(isUnderWay: false, of: "sample")
            }
        }
        let lines = try await self.fixture.run(arguments)
        #expect(self.fixture.heard.value == (ends ? ["new refresh"] : []))
        #expect(lines.last?.contains("it was being renewed") == !ends, "\(lines)")
        #expect(sleeps.value == (ends ? 3 : 125))
        #expect(try await self.fixture.files.open().token(service: "gl", name: "sample") == nil)
    }
}
