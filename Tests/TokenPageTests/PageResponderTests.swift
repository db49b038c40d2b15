import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import TokenPage

@Suite struct PageResponderTests {
    private let visit: PageVisit

    init() throws {
        self.visit = try PageVisit { _ in .vault(token: "sl.fresh") }
    }

    @Test(arguments: ["/nothing", "/index.html", "/healthz/x", "/%00", "/../etc/passwd", "/static/page.css"])
    func anUnknownAddressIs404(path: String) async throws {
        let answer = try await self.visit.get(path)
        #expect(answer.status == 404)
        #expect(answer.text.contains("Not Found"))
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        #expect(self.visit.transport.requests.isEmpty)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO"], ["/", "/healthz"])
    func anotherMethodIs405WithAllow(method: String, path: String) async throws {
        let answer = try await self.visit.get(path, method: try #require(HTTPRequest.Method(method)))
        #expect(answer.status == 405)
        #expect(answer.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(self.visit.transport.requests.isEmpty)
    }

    @Test func optionsIs204WithAllow() async throws {
        let answer = try await self.visit.get(method: .options)
        #expect(answer.status == 204)
        #expect(answer.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(answer.body.isEmpty)
    }

    @Test func aQueryDoesNotMatter() async throws {
        #expect(try await self.visit.get("/?a=b&c=%ff").status == 200)
    }

    @Test func healthAsksNobody() async throws {
        let answer = try await self.visit.get("/healthz")
        #expect(answer.status == 200)
        #expect(answer.body == "ok\n")
        #expect(try await self.visit.get("/healthz", method: .head).body.isEmpty)
        #expect(self.visit.transport.requests.isEmpty)
    }

    @Test(arguments: [
        ("/", HTTPRequest.Method.get), ("/", .head), ("/", .post), ("/", .options), ("/nothing", .get),
        ("/nothing", .head), ("/healthz", .get),
    ])
    func everyAnswerHasTheHeadersThatKeepTheTokenIn(path: String, method: HTTPRequest.Method) async throws {
        let headers = try await self.visit.get(path, method: method).headers
        #expect(headers[.cacheControl] == "no-store")
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
        #expect(headers[try #require(HTTPField.Name("Cross-Origin-Opener-Policy"))] == "same-origin")
        #expect(headers[try #require(HTTPField.Name("Cross-Origin-Resource-Policy"))] == "same-origin")
        #expect(
            headers[.contentSecurityPolicy]
                == "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'"
        )
    }

    @Test func aHeadOfAnUnknownAddressHasNoBody() async throws {
        let answer = try await self.visit.get("/nothing", method: .head)
        #expect(answer.status == 404)
        #expect(answer.body.isEmpty)
    }

    @Test(
        arguments: [
            ("0123456789abcdef", 200), ("0123456789abcdeF", 403), ("0123456789abcde", 403), ("0123456789abcdef0", 403),
            ("", 403), (nil, 403),
        ] as [(String?, Int)]
    )
    func whoOpensTheSocketWithoutTheSecretGetsNoToken(said: String?, status: Int) async throws {
        let visit = try PageVisit(environment: ["TOKEN_PAGE_SECRET": "0123456789abcdef"]) { _ in
            .vault(token: "sl.fresh")
        }
        let variables = said.map { ["TOKEN_PAGE_SECRET": $0] } ?? [:]
        let answer = try await visit.get(variables: variables.map { (name: $0.key, value: $0.value) })
        #expect(answer.status == status)
        #expect(answer.text.contains("sl.fresh") == (status == 200))
        #expect(visit.vaultRequests.count == (status == 200 ? 1 : 0))
        #expect(!answer.body.contains("0123456789abcdef"))
        #expect(!visit.log.text.contains("0123456789abcde"))
    }
}
