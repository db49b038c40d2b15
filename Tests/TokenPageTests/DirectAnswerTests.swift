import Hummingbird
import NIOCore
import TestSupport
import Testing
import TokenTransport

@testable import FastCGI
@testable import TokenPage

/// The short way, past the HTTP request, ends where the long one does.
@Suite struct DirectAnswerTests {
    /// The page without its short way.
    private struct LongWay: HTTPResponder {
        let page: PageResponder

        func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
            try await self.page.respond(to: request, context: context)
        }
    }

    /// What nginx says of a request, with some of it changed; nil leaves a variable out.
    private static func variables(_ changes: [String: String?] = [:]) -> MetaVariables {
        var variables = [
            "REQUEST_METHOD": "GET", "REQUEST_URI": "/", "PATH_INFO": "/", "QUERY_STRING": "", "SCRIPT_NAME": "",
            "CONTENT_LENGTH": "", "CONTENT_TYPE": "", "HTTP_HOST": "localhost", "HTTP_PROXY": "",
            "REQUEST_ID": "0123456789abcdef0123456789abcdef",
        ]
        for (name, value) in changes { variables[name] = value }
        return MetaVariables(variables.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
    }

    /// The bytes of an answer, without the times that differ from one visit to the next.
    private static func answer(
        of responder: some HTTPResponder<GatewayRequestContext>,
        to variables: MetaVariables,
        _ visit: PageVisit
    ) async throws -> String {
        let handler = GatewayHandler(responder: responder, logger: visit.log.logger)
        let request = GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer())
        let answer = await handler.respond(to: request, through: ResponseStream {})
        guard case .whole(let response) = answer else { return "\(answer)" }
        let text = String(decoding: response.head, as: UTF8.self) + String(buffer: response.body)
        let body = try #require(text.firstRange(of: "\r\n\r\n")).upperBound
        if !text[body...].isEmpty {
            #expect(text.contains("\r\nContent-Length: \(text[body...].utf8.count)\r\n"))
        }
        return text.replacing(/[0-9.]+ (ms|s)\b/, with: "TIME").replacing(/[0-9:]{8} UTC|[0-9:]{8}Z/, with: "TIME")
            .replacing(/Milliseconds":[0-9.e-]+/, with: "Milliseconds\":TIME")
            // As long as those times are.
            .replacing(/Content-Length: [0-9]+/, with: "Content-Length: SOME")
    }

    private static func isDirect(_ variables: MetaVariables, _ visit: PageVisit) async throws -> Bool {
        let request = UnreadRequest(
            GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer()),
            logger: visit.log.logger
        )
        guard request.isPlain else { return false }
        return try await visit.page.responder.directAnswer(to: request) != nil
    }

    @Test(
        arguments: [
            ([:], true),
            (["REQUEST_URI": "/?a=b&c=%ff", "QUERY_STRING": "a=b&c=%ff"], true),
            (["REQUEST_URI": "/?\u{301}//", "QUERY_STRING": "\u{301}//"], true),
            (["HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], true),
            (["CONTENT_LENGTH": nil], true),
            (["HTTP_AUTHORIZATION": "Basic YTpi"], true),
            (["HTTP_ACCEPT": "application/json"], false),
            (["HTTP_ACCEPT": "text/html,application/json"], false),
            (["HTTP_ACCEPT": "text/html,a,application/json;q=1"], false),
            (["HTTP_ACCEPT": "text/html,application/*"], false),
            (["HTTP_ACCEPT": "text/html"], false),
            (["HTTP_ACCEPT": ""], false),
            (["REQUEST_METHOD": "HEAD"], false),
            (["REQUEST_METHOD": "POST"], false),
            (["REQUEST_METHOD": "OPTIONS"], false),
            (["REQUEST_METHOD": "get"], false),
            (["REQUEST_METHOD": nil], false),
            (["REQUEST_URI": "//"], false),
            (["REQUEST_URI": "/."], false),
            (["REQUEST_URI": "/%2e/"], false),
            (["REQUEST_URI": "http://localhost/"], false),
            (["REQUEST_URI": nil], false),
            (["REQUEST_URI": "/healthz", "PATH_INFO": "/healthz"], false),
            (["REQUEST_URI": "/x", "PATH_INFO": "/x"], false),
            (["PATH_INFO": ""], false),
            (["PATH_INFO": nil], false),
            (["CONTENT_LENGTH": "3"], false),
            (["CONTENT_LENGTH": "x"], false),
        ] as [([String: String?], Bool)]
    )
    func bothWaysGiveTheSame(changes: [String: String?], isDirect: Bool) async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.<fresh>") }
        let variables = Self.variables(changes)
        #expect(try await Self.isDirect(variables, visit) == isDirect)
        let short = try await Self.answer(of: visit.page.responder, to: variables, visit)
        let long = try await Self.answer(of: LongWay(page: visit.page.responder), to: variables, visit)
        #expect(short == long)
        #expect(!isDirect || short.contains("sl.&lt;fresh&gt;"))
    }

    @Test(
        arguments: [
            .vault(token: "sl.fresh"),
            .vault(token: String(repeating: "long", count: 16_000)),
            .text(200, #"{"Value":{"AccessToken":"sl.x"},"Details":{"Provider":"Dropbox","Account":"a@b.example"}}"#),
            .text(200, #"{"Value":{"AccessToken":"sl.x"}}"#),
            .text(200, "{}"),
            .text(401, #"{"error":{"code":"Unauthorized","message":"no"}}"#),
            .text(403, #"{"error":{"code":"AccessDenied","message":"no policy"}}"#),
            .text(404, #"{"error":{"code":"NotFound","message":"no token"}}"#),
            .text(429, ""),
            .text(500, "<html>"),
            .text(503, ""),
        ] as [TransportResponse]
    )
    func bothWaysGiveTheSameOfEveryAnswerOfTheVault(vault: TransportResponse) async throws {
        let visit = try PageVisit { _ in vault }
        let variables = Self.variables()
        #expect(try await Self.isDirect(variables, visit))
        let logged = visit.log.lines.count
        let short = try await Self.answer(of: visit.page.responder, to: variables, visit)
        let shortLog = Array(visit.log.lines[logged...])
        let long = try await Self.answer(of: LongWay(page: visit.page.responder), to: variables, visit)
        #expect(short == long)
        // The same lines, with the id of the request.
        let longLog = visit.log.lines[(logged + shortLog.count)...]
        #expect(shortLog == Array(longLog))
        #expect(shortLog.allSatisfy { $0.contains("0123456789abcdef0123456789abcdef") })
    }

    @Test func bothWaysGiveTheSameWithoutAnIdentity() async throws {
        let visit = try PageVisit(identity: { _ in .text(500, "") }, vault: { _ in .vault(token: "never") })
        let variables = Self.variables()
        let short = try await Self.answer(of: visit.page.responder, to: variables, visit)
        #expect(short.contains("Something went wrong"))
        #expect(short == (try await Self.answer(of: LongWay(page: visit.page.responder), to: variables, visit)))
    }

    @Test(
        arguments: [("0123456789abcdef", true), ("0123456789abcdeF", false), ("", false), (nil, false)]
            as [(String?, Bool)]
    )
    func theSecretIsAskedForOnTheShortWayToo(said: String?, isDirect: Bool) async throws {
        let visit = try PageVisit(environment: ["TOKEN_PAGE_SECRET": "0123456789abcdef"]) { _ in
            .vault(token: "sl.fresh")
        }
        let variables = Self.variables(["TOKEN_PAGE_SECRET": said])
        let answer = try await Self.answer(of: visit.page.responder, to: variables, visit)
        #expect(answer.hasPrefix(isDirect ? "Status: 200 OK\r\n" : "Status: 403 Forbidden\r\n"))
        #expect(answer.contains("sl.fresh") == isDirect)
        #expect(try await Self.isDirect(variables, visit) == isDirect)
    }

    @Test func whoseRequestItIsHasToBeClearOnTheShortWayToo() async throws {
        let visit = try PageVisit { _ in .vault(token: "never") }
        let variables = MetaVariables(
            [
                (name: "REQUEST_METHOD", value: "GET"), (name: "REQUEST_URI", value: "/"),
                (name: "PATH_INFO", value: "/"),
                (name: "HTTP_AUTHORIZATION", value: "Basic YTpi"), (name: "HTTP_AUTHORIZATION", value: "Basic YTpj"),
            ]
        )
        #expect(try await Self.answer(of: visit.page.responder, to: variables, visit).hasPrefix("Status: 400"))
        #expect(visit.transport.requests.isEmpty)
    }

    @Test func anAccessTokenThatTheVaultRefusesIsRenewedOnBothWays() async throws {
        // One each: whoever comes second would have the renewed token already.
        let visits = try (0..<2).map { _ in
            try PageVisit { request in
                let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
                return bearer.hasSuffix("signature0") ? .text(401, "expired") : .vault(token: "sl.second")
            }
        }
        let short = try await Self.answer(of: visits[0].page.responder, to: Self.variables(), visits[0])
        let long = try await Self.answer(of: LongWay(page: visits[1].page.responder), to: Self.variables(), visits[1])
        #expect(short == long)
        #expect(short.contains("sl.second"))
        for visit in visits {
            #expect(visit.vaultRequests.count == 2)
            #expect(visit.identityRequests.count == 2)
            // Some say when a token expires, which is a second later where the second begins in a new one.
            #expect(visit.log.lines.count == visits[0].log.lines.count)
        }
        #expect(try await Self.isDirect(Self.variables(), visits[0]))
    }

    @Test func whatDependsOnTheVisitorHasNoShortWay() async throws {
        let address = "https://name.westcentralus.tokenvault.azure.net/services/dropbox/tokens/{visitor}"
        let visit = try PageVisit(environment: ["TOKEN_VAULT_URL": address]) { _ in .vault(token: "sl.fresh") }
        #expect(try await !Self.isDirect(Self.variables(), visit))
    }

    /// What a page has counted, without the times, and but for the one that shows it.
    private static func counts(_ visit: PageVisit) async throws -> [Substring] {
        let variables = Self.variables(
            ["REQUEST_URI": "/metrics", "PATH_INFO": "/metrics", "REMOTE_ADDR": "127.0.0.1"]
        )
        let text = try await Self.answer(of: visit.page.responder, to: variables, visit)
        return text.split(separator: "\n").filter { $0.hasPrefix("token_page") && !$0.contains("_seconds_sum") }
            .filter { !$0.contains("_seconds_bucket") }
    }

    @Test(
        arguments: [.vault(token: "sl.fresh"), .text(403, ""), .text(404, ""), .text(401, ""), .text(503, "")]
            as [TransportResponse]
    )
    func bothWaysCountTheSame(vault: TransportResponse) async throws {
        let visits = try (0..<2).map { _ in
            try PageVisit(environment: ["TOKEN_PAGE_METRICS_ADDRESSES": "127.0.0.1"]) { _ in vault }
        }
        #expect(try await Self.isDirect(Self.variables(), visits[0]))
        _ = try await Self.answer(of: LongWay(page: visits[1].page.responder), to: Self.variables(), visits[1])
        for _ in 0..<3 {
            let short = try await Self.answer(of: visits[0].page.responder, to: Self.variables(), visits[0])
            let long = try await Self.answer(
                of: LongWay(page: visits[1].page.responder),
                to: Self.variables(),
                visits[1]
            )
            #expect(short == long)
        }
        let counts = try await Self.counts(visits[0])
        #expect(counts == (try await Self.counts(visits[1])))
        #expect(
            counts.contains { $0.hasPrefix("token_page_requests_total{route=\"/\",status=\"") && $0.hasSuffix(" 4") }
        )
        #expect(counts.contains("token_page_request_seconds_count{route=\"/\"} 4"))
        // The one that asks.
        #expect(counts.contains("token_page_requests_in_flight 1"))
    }

    @Test func aVisitThatIsCancelledIsCountedOnBothWays() async throws {
        var counts: [[Substring]] = []
        for isShort in [true, false] {
            let visit = try PageVisit(environment: ["TOKEN_PAGE_METRICS_ADDRESSES": "127.0.0.1"]) { _ in
                try await Task.sleep(for: .seconds(600))
                return .vault(token: "never")
            }
            let responder = visit.page.responder
            let task = Task {
                isShort
                    ? try await Self.answer(of: responder, to: Self.variables(), visit)
                    : try await Self.answer(of: LongWay(page: responder), to: Self.variables(), visit)
            }
            while visit.vaultRequests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            #expect(try await task.value.hasPrefix("Status: 503"))
            counts.append(try await Self.counts(visit).filter { !$0.contains("vault_call") })
        }
        #expect(counts[0] == counts[1])
        #expect(counts[0].contains("token_page_requests_total{route=\"/\",status=\"499\"} 1"))
    }

    @Test func onlyAQuestionOfTheWebServersTakesTheLongWayWhereThereAreRulesForThem() async throws {
        let visit = try EgressAnswersTests.visit { _ in .vault(token: "sl.fresh") }
        #expect(try await Self.isDirect(Self.variables(), visit))
        #expect(try await Self.isDirect(Self.variables(["TOKEN_EGRESS_RULE": ""]), visit))
        let question = Self.variables(["TOKEN_EGRESS_RULE": "dropbox"])
        #expect(try await !Self.isDirect(question, visit))
        let answer = try await Self.answer(of: visit.page.responder, to: question, visit)
        #expect(!answer.contains("<html"))
        for variables in [Self.variables(), Self.variables(["TOKEN_EGRESS_RULE": ""]), question] {
            let short = try await Self.answer(of: visit.page.responder, to: variables, visit)
            #expect(short == (try await Self.answer(of: LongWay(page: visit.page.responder), to: variables, visit)))
        }
    }
}
