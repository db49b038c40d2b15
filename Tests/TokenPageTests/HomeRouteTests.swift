import AppAuthentication
import Foundation
import HTTPTypes
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

@Suite struct HomeRouteTests {
    @Test func theTokenOfTheVaultStandsOnThePageWithThePrincipal() async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.fresh") }
        let answer = try await visit.get()
        #expect(answer.status == 200)
        #expect(answer.text.contains("Token: sl.fresh"))
        #expect(answer.text.contains("Principal Used: IsAuthenticated:True Type:App AppId:app-1 TenantId:tenant-1"))
        #expect(!answer.text.contains("Something went wrong"))
        let request = try #require(visit.vaultRequests.first)
        #expect(request.method == .post)
        #expect(request.headers.contains { $0.name == "Authorization" && $0.value.hasPrefix("Bearer azure-secret") })
        #expect(request.timeout <= .seconds(10))
    }

    @Test func theIdentityIsAskedForTheConfiguredResource() async throws {
        let visit = try PageVisit(environment: ["TOKEN_VAULT_RESOURCE": "https://vault.example"]) { _ in
            .vault(token: "sl.fresh")
        }
        _ = try await visit.get()
        let query = try #require(visit.identityRequests.first?.url.query(percentEncoded: false))
        #expect(query.contains("resource=https://vault.example"))
    }

    @Test func aPageLooksIntoTheCacheOnceWithAndWithoutAToken() async throws {
        let looks = Box(0)
        let cache = TokenCache(now: {
            looks.withLock { $0 += 1 }
            return Date()
        })
        let visit = try PageVisit(cache: cache) { _ in .vault(token: "sl.fresh") }
        for count in 1...3 {
            #expect(try await visit.get().status == 200)
            #expect(looks.value == count)
        }
        #expect(visit.identityRequests.count == 1)
    }

    @Test func everyVisitAsksTheVaultAndOnlyTheFirstTheIdentity() async throws {
        let count = Box(0)
        let visit = try PageVisit { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .vault(token: "sl.\(number)")
        }
        #expect(try await visit.get().text.contains("Token: sl.1 "))
        #expect(try await visit.get().text.contains("Token: sl.2 "))
        #expect(visit.identityRequests.count == 1)
    }

    @Test(arguments: [
        (
            Result<TransportResponse, TransportError>.failure(.init(.connection, "refused")), 502,
            "vault-unreachable"
        ),
        (.failure(.init(.tls, "certificate")), 502, "vault-unreachable"),
        (.failure(.init(.timeout, "late")), 504, "vault-timeout"),
        (.success(.text(401, "no")), 502, "access-denied"),
        (.success(.text(403, "no")), 502, "access-denied"),
        (.success(.text(404, "no")), 502, "vault-refused"),
        (.success(.text(429, "no")), 502, "vault-refused"),
        (.success(.text(500, "no")), 502, "vault-refused"),
        (.success(.text(200, "<html>login</html>")), 502, "vault-refused"),
        (.success(.text(200, "")), 502, "vault-refused"),
    ])
    func whatTheVaultDoesDecidesStatusAndHelp(
        outcome: Result<TransportResponse, TransportError>,
        status: Int,
        anchor: String
    ) async throws {
        let visit = try PageVisit { _ in try outcome.get() }
        let answer = try await visit.get()
        #expect(answer.status == status)
        #expect(answer.reasonPhrase == (status == 504 ? "Gateway Timeout" : "Bad Gateway"))
        #expect(answer.text.contains("Something went wrong: "))
        #expect(!answer.text.contains("Token: "))
        #expect(answer.text.contains("Principal Used: IsAuthenticated:True Type:App AppId:app-1 TenantId:tenant-1"))
        #expect(answer.body.contains("href=\"/static/troubleshooting.html#\(anchor)\""))
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        #expect(answer.headers[.cacheControl] == "no-store")
    }

    @Test func theVaultsStatusAndMessageAreShownEscaped() async throws {
        let body = #"{"error":{"code":"Forbidden","message":"<script>alert('no get permission')</script>"}}"#
        let visit = try PageVisit { _ in .text(403, body) }
        let answer = try await visit.get()
        #expect(answer.text.contains("403"))
        #expect(answer.body.contains("&lt;script&gt;alert(&#39;no get permission&#39;)&lt;/script&gt;"))
        #expect(!answer.body.contains("<script"))
    }

    @Test func aMessageOfAMegabyteIsCut() async throws {
        let visit = try PageVisit { _ in .text(500, String(repeating: "<", count: 1_000_000)) }
        let answer = try await visit.get()
        #expect(answer.status == 502)
        #expect(answer.body.utf8.count < 20_000)
    }

    @Test func bytesThatAreNotUTF8AreShownAsReplacementCharacters() async throws {
        let visit = try PageVisit { _ in
            TransportResponse(status: 500, body: Data([0x6F, 0x68, 0xFF, 0xFE, 0xC0, 0x80, 0x00, 0x6E, 0x6F]))
        }
        let answer = try await visit.get()
        #expect(answer.status == 502)
        #expect(answer.body.contains("\u{FFFD}"))
        #expect(!answer.body.utf8.contains(0))
    }

    @Test func whenNoMethodWorksEachIsListedWithItsReason() async throws {
        let visit = try PageVisit(
            environment: ["IDENTITY_ENDPOINT": "", "IDENTITY_HEADER": ""],
            identity: { _ in throw TransportError(.timeout, "nobody is there") },
            vault: { _ in .vault(token: "never") }
        )
        let answer = try await visit.get()
        #expect(answer.status == 502)
        #expect(answer.text.contains("Something went wrong: "))
        #expect(answer.text.contains("Tried the following 3 methods to get an access token, but none of them worked."))
        #expect(!answer.text.contains("Principal Used:"))
        #expect(answer.body.components(separatedBy: "<li>").count == 4)
        for anchor in ["managed-identity", "azure-cli", "active-directory-integrated-authentication"] {
            #expect(answer.body.contains("href=\"/static/troubleshooting.html#\(anchor)\""))
        }
        #expect(visit.vaultRequests.isEmpty)
        #expect(visit.log.text.contains("Managed identity: Tried to get token using Managed Service Identity."))
        #expect(visit.log.text.contains(" | Azure CLI: Tried to get token using Azure CLI."))
    }

    @Test func aRefusedAccessTokenIsRenewedOnceAndTriedAgain() async throws {
        let visit = try PageVisit { request in
            let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return bearer.hasSuffix("signature0") ? .text(401, "expired") : .vault(token: "sl.second")
        }
        let answer = try await visit.get()
        #expect(answer.status == 200)
        #expect(answer.text.contains("Token: sl.second"))
        #expect(visit.vaultRequests.count == 2)
        #expect(visit.identityRequests.count == 2)
    }

    @Test func aVaultThatRefusesEveryTokenLeadsToOneRenewal() async throws {
        let visit = try PageVisit { _ in .text(401, "never") }
        for _ in 0..<5 {
            let answer = try await visit.get()
            #expect(answer.status == 502)
            #expect(answer.text.contains("401"))
        }
        #expect(visit.identityRequests.count == 2)
        #expect(visit.vaultRequests.count == 6)
    }

    @Test func manyPagesThatAreRefusedTogetherRenewOnce() async throws {
        let visit = try PageVisit { request in
            let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return bearer.hasSuffix("signature0") ? .text(401, "expired") : .vault(token: "sl.second")
        }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await visit.get().status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 100))
        #expect(visit.identityRequests.count <= 3)
    }

    /// A refusal and the second try, each within its own limits, and together past that of the page.
    @Test func oneDeadlineStandsOverTheIdentityTheVaultAndTheSecondTry() async throws {
        let calls = Box(0)
        let visit = try PageVisit(
            timeLimit: .seconds(8),
            vault: { _ in
                let number = calls.withLock { count in
                    count += 1
                    return count
                }
                switch number {
                case 1:
                    return .vault(token: "sl.first")
                case 2:
                    try await Task.sleep(for: .milliseconds(500))
                    return .text(401, "expired")
                default:
                    try await Task.sleep(for: .seconds(60))
                    return .vault(token: "never")
                }
            }
        )
        #expect(try await visit.get().status == 200)
        let start = ContinuousClock.now
        let answer = try await visit.get()
        let elapsed = ContinuousClock.now - start
        #expect(elapsed >= .seconds(8))
        #expect(elapsed < .seconds(20))
        #expect(answer.status == 504)
        #expect(answer.text.contains("The vault gave no token within the 8 seconds that a page may take in all."))
        #expect(answer.body.contains("href=\"/static/troubleshooting.html#vault-timeout\""))
        #expect(visit.identityRequests.count == 2)
        #expect(visit.vaultRequests.count == 3)
    }

    @Test func anIdentityThatTakesThePagesWholeTimeIsTheCause() async throws {
        let visit = try PageVisit(
            identity: { _ in
                try await Task.sleep(for: .seconds(60))
                return .identity(token: .jwt(0))
            },
            timeLimit: .milliseconds(50),
            vault: { _ in .vault(token: "never") }
        )
        let answer = try await visit.get()
        #expect(answer.status == 504)
        #expect(answer.body.contains("href=\"/static/troubleshooting.html#identity-timeout\""))
        #expect(visit.vaultRequests.isEmpty)
    }

    @Test func theDeadlineOfAPageIsBelowThatOfNginx() throws {
        let text = try Checkout.text("nginx/snippets/token-page-fastcgi.conf")
        let seconds = try #require(text.firstMatch(of: /fastcgi_read_timeout ([0-9]+)s;/).flatMap { Int($0.1) })
        #expect(PageDeadline.limit <= .seconds(seconds - 5))
    }

    @Test(arguments: [nil, "application/json"])
    func whereTooManyPagesWaitTheNextIsToldToComeBack(accept: String?) async throws {
        let environment = ["TOKEN_VAULT_SHARE_CALLS": "false", "TOKEN_VAULT_MAX_CALLS": "1"]
        let visit = try PageVisit(environment: environment) { _ in
            try await Task.sleep(for: .seconds(60))
            return .vault(token: "never")
        }
        let answers = try await withThrowingTaskGroup(of: PageVisit.Answer.self) { group in
            for _ in 0..<20 { group.addTask { try await visit.get(accept: accept) } }
            var answers: [PageVisit.Answer] = []
            while answers.count < 3, let answer = try await group.next() { answers.append(answer) }
            group.cancelAll()
            return answers
        }
        for answer in answers {
            #expect(answer.status == 503)
            #expect(answer.reasonPhrase == "Service Unavailable")
            #expect(answer.headers[.retryAfter] == "1")
            #expect(answer.body.contains("too many pages wait for their turn already"))
        }
    }

    @Test func headHasTheHeadersOfGetAndNoBody() async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.fresh") }
        let get = try await visit.get()
        let head = try await visit.get(method: .head)
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(head.headers[.contentType] == get.headers[.contentType])
        #expect((head.headers[.contentLength].flatMap { Int($0) } ?? 0) > 1_000)
    }

    @Test func jsonIsServedToThoseWhoAskForIt() async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.fresh") }
        let answer = try await visit.get(accept: "application/json")
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        #expect(answer.headers[.vary] == "Accept")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
        #expect(json["token"] as? String == "sl.fresh")
        #expect(json["principalUsed"] as? String == "IsAuthenticated:True Type:App AppId:app-1 TenantId:tenant-1")
        #expect(json["error"] is NSNull)
        let timings = try #require(json["timings"] as? [String: Double])
        #expect(try #require(timings["identityMilliseconds"]) >= 0)
        #expect(try #require(timings["vaultMilliseconds"]) >= 0)
        #expect((json["accessTokenExpiresOn"] as? String)?.hasSuffix("Z") == true)
        #expect((json["tokenExpiresOn"] as? String)?.hasSuffix("Z") == true)
    }

    @Test func jsonTellsOfAFailureWithTheSameStatus() async throws {
        let visit = try PageVisit { _ in throw TransportError(.timeout, "late") }
        let answer = try await visit.get(accept: "application/json")
        #expect(answer.status == 504)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
        #expect(json["token"] is NSNull)
        #expect((json["error"] as? String)?.isEmpty == false)
        #expect(json["help"] as? String == "/static/troubleshooting.html#vault-timeout")
    }

    @Test(arguments: [nil, "application/json"])
    func azuresAccessTokenIsNowhere(accept: String?) async throws {
        let echo = try PageVisit { request in
            let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
            return .vault(token: String(bearer.dropFirst("Bearer ".count)))
        }
        let refusal = try PageVisit { request in
            .text(403, "you sent \(request.headers.first { $0.name == "Authorization" }?.value ?? "")")
        }
        let success = try PageVisit { _ in .vault(token: "sl.fresh") }
        for (visit, status) in [(echo, 502), (refusal, 502), (success, 200)] {
            let answer = try await visit.get(accept: accept)
            #expect(answer.status == status)
            #expect(!answer.body.contains("azure-secret"))
            #expect(!visit.log.text.contains("azure-secret"))
        }
    }

    @Test func theVaultsTokenIsNotLogged() async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.fresh") }
        _ = try await visit.get()
        #expect(!visit.log.text.contains("sl.fresh"))
    }

    @Test func aCancelledVisitThrowsAndIsNoFailureOfTheVault() async throws {
        let visit = try PageVisit { _ in
            try await Task.sleep(for: .seconds(60))
            return .vault(token: "never")
        }
        let task = Task { try await visit.get() }
        #expect(try await eventually { visit.vaultRequests.count == 1 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
