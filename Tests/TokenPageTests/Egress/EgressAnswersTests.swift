import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

/// The page's answers to the web server's question.
@Suite struct EgressAnswersTests {
    private static let question: [(name: String, value: String)] = [
        ("TOKEN_EGRESS_RULE", "dropbox"), ("TOKEN_EGRESS_METHOD", "GET"), ("REQUEST_URI", "/2/users/get"),
        ("REMOTE_ADDR", "unix:"), ("HTTP_HOST", "egress"),
    ]

    static func visit(_ vault: @escaping FakeTransport.Answer) throws -> PageVisit {
        let file = FileManager.default.temporaryDirectory.appending(path: "egress-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let rules = """
            {"dropbox":{"paths":["/2/users/"],
            "token":"https://name.westcentralus.tokenvault.azure.net\(PageVisit.vaultPath)"}}
            """
        try Data(rules.utf8).write(to: file)
        return try PageVisit(environment: ["TOKEN_PAGE_EGRESS": file.path(percentEncoded: false)], vault: vault)
    }

    private static func ask(
        _ visit: PageVisit,
        _ more: [(name: String, value: String)] = []
    ) async throws -> (status: Int, authorization: String?, instead: String?, reason: String?) {
        let answer = try await visit.get("/.token-egress", variables: Self.question + more)
        let field = { HTTPField.Name($0).flatMap { answer.headers[$0] } }
        return (
            answer.status, field("X-Egress-Authorization"), field("X-Egress-Status"), field("X-Egress-Reason")
        )
    }

    @Test func theWebServerGetsTheTokenAndNoBrowserDoes() async throws {
        let visit = try Self.visit { _ in .vault(token: "sl.fresh") }
        let answer = try await Self.ask(visit)
        #expect(answer.status == 204)
        #expect(answer.authorization == "Bearer sl.fresh")
        for path in ["/.token-egress", "/egress/dropbox"] {
            #expect(try await visit.get(path, variables: [("REMOTE_ADDR", "unix:")]).status == 404)
        }
        // What a client can write: a header, which arrives under another name.
        let forged = try await visit.get("/", variables: [("HTTP_TOKEN_EGRESS_RULE", "dropbox")])
        #expect(HTTPField.Name("X-Egress-Authorization").flatMap { forged.headers[$0] } == nil)
    }

    @Test func manyRequestsAskTheVaultOnce() async throws {
        let visit = try Self.visit { _ in .vault(token: "sl.fresh") }
        for _ in 0..<20 { #expect(try await Self.ask(visit).status == 204) }
        #expect(visit.vaultRequests.count == 1)
    }

    @Test func aThousandRequestsAtOnceAreNoMoreCallsThanTheSettingAllows() async throws {
        let running = Box((now: 0, most: 0, all: 0))
        let visit = try Self.visit { _ in
            running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) }
            try await Task.sleep(for: .milliseconds(20))
            running.withLock { $0.now -= 1 }
            return .text(200, #"{"Value":{"AccessToken":"sl.short"},"ExpiresIn":10}"#)
        }
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 { group.addTask { try await Self.ask(visit).status } }
            return try await group.reduce(into: 0) { $0 += $1 == 204 ? 1 : 0 }
        }
        #expect(answered == 1_000)
        // As many as TOKEN_VAULT_MAX_CALLS has by default, though not one of these tokens can be kept.
        #expect(running.value.most <= 16)
        #expect(running.value.all < 200)
    }

    @Test func aTokenIsNotUsedToTheLastMomentOfItsLife() async throws {
        let visit = try Self.visit { _ in .text(200, #"{"Value":{"AccessToken":"sl.short"},"ExpiresIn":10}"#) }
        for _ in 0..<3 { #expect(try await Self.ask(visit).authorization == "Bearer sl.short") }
        #expect(visit.vaultRequests.count == 3)
    }

    @Test func afterA401OfTheAPITheVaultIsAskedForAnother() async throws {
        let count = Box(0)
        let visit = try Self.visit { _ in
            .vault(
                token: count.withLock {
                    $0 += 1
                    return "sl.\($0)"
                }
            )
        }
        #expect(try await Self.ask(visit).authorization == "Bearer sl.1")
        let again = try await Self.ask(visit, [("TOKEN_EGRESS_REFUSED", "Bearer sl.1")])
        #expect(again.authorization == "Bearer sl.2")
        // Whoever was refused with the older one gets the newer, without another call.
        #expect(try await Self.ask(visit, [("TOKEN_EGRESS_REFUSED", "Bearer sl.1")]).authorization == "Bearer sl.2")
        #expect(visit.vaultRequests.count == 2)
    }

    @Test func aTokenThatTheAPIRefusesIsNotSentToItTwice() async throws {
        let visit = try Self.visit { _ in .vault(token: "sl.revoked") }
        _ = try await Self.ask(visit)
        let again = try await Self.ask(visit, [("TOKEN_EGRESS_REFUSED", "Bearer sl.revoked")])
        #expect(again.status == 401)
        #expect(again.instead == "401")
        #expect(again.authorization == nil)
    }

    @Test(arguments: [
        (400, #"{"error":{"code":"Unauthenticated","message":"Log in."}}"#, "401"),
        (503, #"{"error":{"code":"RenewalPending","message":"Soon."}}"#, "503"),
        (403, #"{"error":{"code":"Forbidden","message":"No."}}"#, "502"), (500, "x", "502"),
    ])
    func whyThereIsNoTokenReachesTheCaller(status: Int, body: String, instead: String) async throws {
        let visit = try Self.visit { _ in .text(status, body) }
        let answer = try await Self.ask(visit)
        // nginx makes 500 of every status but 401 and 403.
        #expect(answer.status == 401)
        #expect(answer.instead == instead)
        #expect(answer.reason?.isEmpty == false)
    }

    @Test func aRefusalNeitherAsksTheVaultNorSaysAToken() async throws {
        let visit = try Self.visit { _ in .vault(token: "sl.fresh") }
        let answer = try await Self.ask(visit, [("TOKEN_EGRESS_METHOD", "DELETE")])
        #expect(answer.instead == "405")
        #expect(visit.vaultRequests.isEmpty)
        #expect(try await Self.ask(visit, [("TOKEN_EGRESS_RULE", "other")]).instead == "500")
    }

    @Test func noTokenIsInTheLog() async throws {
        let visit = try Self.visit { _ in .vault(token: "sl.secret") }
        _ = try await Self.ask(visit)
        _ = try await Self.ask(visit, [("TOKEN_EGRESS_REFUSED", "Bearer sl.secret")])
        #expect(!visit.log.text.contains("sl.secret"))
    }
}
