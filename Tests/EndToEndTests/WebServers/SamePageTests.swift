import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// One page through every web server that there is a site for.
    @Suite struct SamePageTests {
        private struct Question: Sendable {
            var name: String
            var method = "GET"
            var target = "/"
            var headers: [String] = []
            var body = ""
            var status = 200
            /// Each server has words of its own for it.
            var isServersOwn = false
            /// What a server answers itself, where it does not ask the page.
            var refusals: [WebServer.Kind: Int] = [:]
        }

        /// lighttpd is told to refuse what is not in its canonical form, Apache takes no encoded slash.
        private static let strict: [WebServer.Kind: Int] = [.lighttpd: 400, .lighttpdCGI: 400]

        private static let questions: [Question] = [
            Question(name: "the page"),
            Question(name: "its head", method: "HEAD"),
            Question(name: "the page for programs", headers: ["Accept: application/json"]),
            Question(
                name: "two Accept fields",
                headers: ["Accept: text/html", "Accept: application/json"],
                isServersOwn: true
            ),
            Question(name: "a query", target: "/?a=1&a=2&%2f=%20"),
            Question(name: "words of a query that are options", target: "/?--check+--version"),
            Question(name: "a Proxy header", headers: ["Proxy: http://127.0.0.1:1"]),
            Question(
                name: "a chunked body without bytes",
                method: "GET",
                headers: ["Transfer-Encoding: chunked"],
                body: "0\r\n\r\n",
                refusals: Self.strict
            ),
            Question(name: "no such page", target: "/nowhere", status: 404),
            Question(
                name: "no such page for programs",
                target: "/nowhere",
                headers: ["Accept: application/json"],
                status: 404
            ),
            Question(name: "the head of no such page", method: "HEAD", target: "/nowhere", status: 404),
            Question(name: "another method", method: "DELETE", status: 405),
            Question(name: "a body", method: "POST", body: "a=b", status: 405),
            Question(name: "a body of length 0", method: "POST", headers: ["Content-Length: 0"], status: 405),
            Question(
                name: "a chunked body",
                method: "POST",
                headers: ["Transfer-Encoding: chunked"],
                body: "3\r\na=b\r\n0\r\n\r\n",
                status: 405
            ),
            Question(
                name: "a chunked body of length 0",
                method: "POST",
                headers: ["Transfer-Encoding: chunked"],
                body: "0\r\n\r\n",
                status: 405
            ),
            Question(
                name: "a body of no known length",
                method: "POST",
                status: 405,
                refusals: [.lighttpd: 411, .lighttpdCGI: 411]
            ),
            Question(name: "what may be asked", method: "OPTIONS", status: 204),
            Question(name: "the monitor's question", target: "/healthz"),
            Question(name: "the monitor's question, encoded", target: "/%68ealthz"),
            Question(name: "the monitor's question, with a slash", target: "/healthz/", status: 404),
            Question(name: "the monitor's question, with two", target: "//healthz", status: 404, refusals: Self.strict),
            Question(name: "an encoded slash", target: "/%2fhealthz", status: 404, refusals: Self.strict),
            Question(name: "an encoded slash inside", target: "/a%2fb", status: 404, refusals: Self.strict),
            Question(name: "dots", target: "/a/../healthz", status: 404, refusals: Self.strict),
            Question(name: "encoded dots", target: "/a/%2e%2e/healthz", status: 404, refusals: Self.strict),
            Question(name: "a space", target: "/a%20b", status: 404),
            Question(name: "bytes that are no text", target: "/%ff%fe", status: 404, refusals: Self.strict),
            Question(name: "a static file", target: "/static/page.css"),
            Question(name: "the head of a static file", method: "HEAD", target: "/static/page.css"),
            Question(name: "the page of troubleshooting", target: "/static/troubleshooting.html"),
            Question(name: "the picture", target: "/static/favicon.svg"),
            Question(name: "no such static file", target: "/static/nothing.css", status: 404, isServersOwn: true),
            Question(name: "a template", target: "/templates/home.mustache", status: 404),
        ]

        /// What each answer of a page has, and each static file.
        private static let headers = [
            "content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
            "cross-origin-resource-policy", "strict-transport-security",
        ]

        @Test func everyWebServerHandsOutTheSamePage() async throws {
            try await Stack.with { stack in
                let backEnd = try await stack.openBackEnd()
                var expected: [String: RawHTTP.Answer] = [:]
                for kind in WebServer.Kind.allCases {
                    try await WebServer.with(kind, backEnd) { server in
                        for question in Self.questions {
                            let answer = try await RawHTTP.ask(
                                server.port,
                                question.target,
                                method: question.method,
                                headers: question.headers,
                                body: question.body
                            )
                            let what: Comment = "\(kind.rawValue), \(question.name): \(answer)"
                            guard question.refusals[kind] == nil else {
                                #expect(answer.status == question.refusals[kind], what)
                                continue
                            }
                            #expect(answer.status == question.status, what)
                            guard answer.isOfPage, !question.isServersOwn else { continue }
                            guard let first = expected[question.name] else {
                                expected[question.name] = answer
                                continue
                            }
                            #expect(answer.comparableText == first.comparableText, what)
                            for name in ["content-type", "allow", "vary", "location"] {
                                #expect(answer.comparable(name) == first.comparable(name), what)
                            }
                            for name in Self.headers {
                                #expect(answer[name] != nil && answer[name] == first[name], "\(name) of \(what)")
                            }
                            #expect(answer.headers.filter { $0.name == "content-security-policy" }.count == 1, what)
                            if let length = answer["content-length"], question.method != "HEAD" {
                                #expect(length == String(answer.body.count), what)
                            }
                        }
                        let page = try await RawHTTP.ask(server.port, "/")
                        #expect(page.text.contains(stack.sampleToken), "\(kind.rawValue)")
                        #expect(page["cache-control"] == "no-store", "\(kind.rawValue)")
                        // An address that a login comes back to.
                        _ = try await RawHTTP.ask(
                            server.port,
                            "/callback?code=the-code&state=the-state",
                            headers: ["Referer: https://x/?code=the-code"]
                        )
                        #expect(!server.log.contains("the-code"), "\(kind.rawValue): \(server.log)")
                        #expect(!server.log.contains(stack.sampleToken), "\(kind.rawValue)")
                    }
                }
                #expect(expected.count > 20)
            }
        }

        @Test(arguments: WebServer.Kind.allCases)
        func theSiteIsClosedAsItIsShipped(kind: WebServer.Kind) async throws {
            var backEnd = WebServer.BackEnd(socket: "/tmp/nobody-listens.sock")
            backEnd.isClosed = true
            backEnd.environment = ["TOKEN_VAULT_URL": "https://vault.example.com/services/a/tokens/b"]
            try await WebServer.with(kind, backEnd) { server in
                for target in ["/", "/nowhere", "/login", "/callback?code=x", "/forget", "/?a=b"] {
                    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                        let answer = try await RawHTTP.ask(
                            server.port,
                            target,
                            method: method,
                            headers: method == "POST" ? ["Content-Length: 0"] : []
                        )
                        #expect(answer.status == 403, "\(method) \(target): \(answer)")
                    }
                }
                #expect(try await RawHTTP.ask(server.port, "/").text.contains("This page is closed to you"))
                // What a browser needs to show that, and tells nobody anything.
                #expect(try await RawHTTP.ask(server.port, "/static/page.css").status == 200)
            }
        }

        @Test(arguments: WebServer.Kind.fastCGI)
        func whereNobodyListensTheServerSaysSo(kind: WebServer.Kind) async throws {
            try await WebServer.with(kind, .init(socket: "/tmp/nobody-listens.sock")) { server in
                let answer = try await RawHTTP.ask(server.port, "/")
                #expect([502, 503].contains(answer.status), "\(answer)")
                #expect(answer.text.contains("<!doctype html>"), "\(answer)")
                let direct = try await RawHTTP.ask(server.port, "/errors/502.html")
                #expect([403, 404, 502, 503].contains(direct.status), "\(direct)")
            }
        }

        @Test func belowAPrefixThePageFindsItselfAndLeadsBack() async throws {
            try await Stack.with { stack in
                var backEnd = try await stack.openBackEnd()
                backEnd.prefix = "/app"
                for kind in WebServer.Kind.fastCGI {
                    try await WebServer.with(kind, backEnd) { server in
                        let page = try await RawHTTP.ask(server.port, "/app/")
                        #expect(page.status == 200, "\(kind.rawValue): \(page)")
                        #expect(page.text.contains(stack.sampleToken), "\(kind.rawValue)")
                        let missing = try await RawHTTP.ask(server.port, "/app/nowhere")
                        #expect(missing.status == 404, "\(kind.rawValue)")
                        #expect(missing.text.contains("href=\"/app/\""), "\(kind.rawValue): \(missing)")
                        for target in ["/app//", "/app/%2f", "/app/../app/", "/app/nowhere/../", "/apple"] {
                            let answer = try await RawHTTP.ask(server.port, target)
                            #expect([400, 403, 404].contains(answer.status), "\(kind.rawValue), \(target): \(answer)")
                        }
                    }
                }
            }
        }

        @Test func theSecretIsSaidByTheSiteAndByNobodyElse() async throws {
            let secret = "0123456789abcdef0123456789abcdef"
            try await Stack.with { stack in
                try await stack.stop("page")
                try await stack.startPage(.init(pageEnvironment: ["TOKEN_PAGE_SECRET": secret]))
                var backEnd = try await stack.openBackEnd()
                for kind in WebServer.Kind.fastCGI {
                    for (said, status) in [(secret, 200), (nil, 403), ("fedcba9876543210fedcba9876543210", 403)] {
                        backEnd.secret = said
                        try await WebServer.with(kind, backEnd) { server in
                            for headers in [[], ["Token-Page-Secret: \(secret)", "Token_Page_Secret: \(secret)"]] {
                                let answer = try await RawHTTP.ask(server.port, "/", headers: headers)
                                #expect(answer.status == status, "\(kind.rawValue), \(headers): \(answer)")
                            }
                        }
                    }
                }
            }
        }
    }
}

extension RawHTTP.Answer {
    /// Not one that a web server made itself of an error.
    fileprivate var isOfPage: Bool {
        self.status < 400 || self["content-security-policy"] != nil
    }

    /// Each request has a number of its own, and each program that is started for one gets an access token of its own.
    fileprivate var comparableText: String {
        self.text.replacing(/[0-9a-f]{24,32}/, with: "NUMBER").replacing(/[0-9]{2}:[0-9]{2}(:[0-9]{2})?/, with: "TIME")
            .replacing(/[0-9.]+ ms/, with: "TIME").replacing(/"[a-zA-Z]*Milliseconds":[0-9.]+/, with: "TIME")
    }

    /// Servers write the name of the character set, and lists, each in its own way.
    fileprivate func comparable(_ name: String) -> String? {
        guard let value = self[name] else { return nil }
        return name == "content-type" ? value.split(separator: ";").first.map(String.init) : value
    }
}

extension Stack {
    /// The page, for a web server that runs as another user.
    func openBackEnd() async throws -> WebServer.BackEnd {
        let socket = self.path("p.sock")
        // As soon as it answers its socket has the mode that the page gives it, which would be the last one else.
        _ = try await eventually { try await Browser.get(self.pageURL + "/healthz").status == 200 }
        chmod(self.path(""), 0o711)
        chmod(socket, 0o666)
        return WebServer.BackEnd(socket: socket, environment: try await self.pageEnvironment())
    }
}
