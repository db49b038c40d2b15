import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// An attacker's checklist, through every web server; each row is an attack and what is to come of it.
    @Suite struct AttackTests {
        struct Attack: Sendable {
            let name: String
            let bytes: String
            /// Of every answer; with 200 among them the page may be asked, for what the web server says and nothing else.
            let statuses: Set<Int>

            init(_ name: String, _ lines: [String], body: String = "", _ statuses: Set<Int>) {
                self.name = name
                self.bytes = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
                self.statuses = statuses
            }
        }

        /// One of each; whether nginx keeps its connections is nothing that a browser sees.
        private static let kinds: [WebServer.Kind] = [.nginx, .apache, .lighttpd, .haproxy]
        private static let host = "Host: \(WebServer.name)"
        private static let hidden = "GET /hidden HTTP/1.1\r\n\(host)\r\n\r\n"
        private static let hiddenBehindNothing = "0\r\n\r\n\(hidden)"

        private static func post(_ name: String, _ headers: [String], body: String, _ statuses: Set<Int>) -> Attack {
            Attack(name, ["POST /x HTTP/1.1", Self.host] + headers, body: body, statuses)
        }

        /// Whether two readers of one stream come to different requests.
        private static let smuggling: [Attack] = [
            post("two lengths", ["Content-Length: 0", "Content-Length: \(hidden.utf8.count)"], body: hidden, [400]),
            post("one length twice", ["Content-Length: 5", "Content-Length: 5"], body: "hello", [200, 400]),
            post("two lengths in one field", ["Content-Length: 5, 0"], body: "hello", [400]),
            post("a negative length", ["Content-Length: -5"], body: "hello", [400]),
            post("a length with a sign", ["Content-Length: +5"], body: "hello", [400]),
            post("a length in hexadecimal", ["Content-Length: 0x5"], body: "hello", [400]),
            post("a length beyond numbers", ["Content-Length: 99999999999999999999"], body: "hello", [400, 413]),
            post(
                "a length and chunks",
                ["Content-Length: 5", "Transfer-Encoding: chunked"],
                body: Self.hiddenBehindNothing,
                [200, 400]
            ),
            post(
                "chunks and a length",
                ["Transfer-Encoding: chunked", "Content-Length: 5"],
                body: Self.hiddenBehindNothing,
                [200, 400]
            ),
            post("an unknown coding", ["Transfer-Encoding: xchunked"], body: Self.hiddenBehindNothing, [400, 501]),
            post(
                "a coding behind chunks",
                ["Transfer-Encoding: chunked, identity"],
                body: Self.hiddenBehindNothing,
                [400, 501]
            ),
            post(
                "two fields of codings",
                ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
                body: Self.hiddenBehindNothing,
                [400, 501]
            ),
            post("a space before the colon", ["Transfer-Encoding : chunked"], body: Self.hiddenBehindNothing, [400]),
            post(
                "a vertical tab before the coding",
                ["Transfer-Encoding: \u{0B}chunked"],
                body: Self.hiddenBehindNothing,
                [400, 501]
            ),
            post(
                "a coding on a folded line",
                ["X: y", " Transfer-Encoding: chunked", "Content-Length: 5"],
                body: "hello",
                [200, 400]
            ),
            post(
                "a coding behind a bare line feed",
                ["X: y\nTransfer-Encoding: chunked"],
                body: "0\r\n\r\n",
                [200, 400, 411]
            ),
            post("a negative chunk", ["Transfer-Encoding: chunked"], body: "-5\r\nhello\r\n0\r\n\r\n", [400]),
            post(
                "a chunk beyond numbers",
                ["Transfer-Encoding: chunked"],
                body: "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
                [400, 413]
            ),
            post("a chunk with a prefix", ["Transfer-Encoding: chunked"], body: "0x5\r\nhello\r\n0\r\n\r\n", [400]),
            post(
                "a chunk that is longer than it says",
                ["Transfer-Encoding: chunked"],
                body: "3\r\nhello\r\n0\r\n\r\n",
                [400]
            ),
            post("chunks with line feeds alone", ["Transfer-Encoding: chunked"], body: "5\nhello\n0\n\n", [200, 400]),
            post(
                "a trailer that is a length",
                ["Transfer-Encoding: chunked"],
                body: "5\r\nhello\r\n0\r\nContent-Length: 0\r\n\r\n",
                [200, 400]
            ),
            Attack(
                "chunks in HTTP/1.0",
                ["POST /x HTTP/1.0", host, "Transfer-Encoding: chunked"],
                body: "0\r\n\r\n",
                [200, 400, 411]
            ),
            post(
                "records of FastCGI as a body",
                ["Content-Length: 24"],
                body: String(repeating: "\u{1}\u{5}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}", count: 3),
                [200]
            ),
            Attack(
                "a body of a GET",
                ["GET /x HTTP/1.1", host, "Content-Length: \(hidden.utf8.count)"],
                body: hidden,
                [200, 400]
            ),
        ]

        private static func get(_ name: String, _ target: String, _ headers: [String] = [], _ statuses: Set<Int>)
            -> Attack
        {
            Attack(name, ["GET \(target) HTTP/1.1", Self.host] + headers, statuses)
        }

        private static let injections: [Attack] = [
            get("a line break in the path", "/a%0d%0aSet-Cookie:%20evil=1", [], [200, 400, 404]),
            get("a line break in the query", "/?a=%0d%0aSet-Cookie:%20evil=1", [], [200, 400]),
            get("a carriage return in the path", "/a\rSet-Cookie: evil=1", [], [400]),
            get("NUL in the path", "/a%00b", [], [200, 400, 404]),
            get("NUL in a header", "/", ["X: a\0b"], [200, 400]),
            get("a carriage return in a header", "/", ["X: a\rSet-Cookie: evil=1"], [200, 400]),
            get("an empty header name", "/", [": evil"], [200, 400]),
            get("a header name with a space", "/", ["Token Page User: eve"], [200, 400]),
            get("a header without a colon", "/", ["Set-Cookie"], [200, 400]),
            get("a Proxy header", "/", ["Proxy: http://evil.example"], [200]),
            get("a Proxy header in capitals", "/", ["PROXY: http://evil.example"], [200]),
            get("a length with an underscore", "/", ["Content_Length: 5", "CONTENT_LENGTH: 5"], [200]),
            get("a method in a header", "/", ["X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE"], [200]),
            get("a path in a header", "/", ["X-Original-URL: /forget", "X-Rewrite-URL: /forget"], [200]),
            Attack("a protocol of the future", ["GET / HTTP/9.9", host], [200, 400, 505]),
            Attack("the beginning of HTTP/2", ["PRI * HTTP/2.0", "", "SM"], [400, 404, 405, 505]),
            Attack(
                "a tunnel",
                ["CONNECT evil.example:443 HTTP/1.1", "Host: evil.example:443"],
                [400, 403, 404, 405, 421]
            ),
            Attack("an echo of the request", ["TRACE / HTTP/1.1", host, "Cookie: secret=1"], [200, 405]),
            Attack("the whole server", ["OPTIONS * HTTP/1.1", host], [200, 400, 404]),
        ]

        private static let hosts: [Attack] = [
            Attack("no Host", ["GET / HTTP/1.1"], [400, 421]),
            Attack("two Hosts", ["GET / HTTP/1.1", host, "Host: evil.example"], [400]),
            Attack("a Host with a user", ["GET / HTTP/1.1", "Host: \(WebServer.name)@evil.example"], [400, 404, 421]),
            Attack("a Host with a path", ["GET / HTTP/1.1", "Host: \(WebServer.name)/evil"], [400, 404, 421]),
            Attack(
                "a Host with a space",
                ["GET / HTTP/1.1", "Host: \(WebServer.name) evil.example"],
                [400, 404, 421]
            ),
            Attack(
                "a Host with a port that is none",
                ["GET / HTTP/1.1", "Host: \(WebServer.name):80@evil"],
                [200, 400, 404, 421]
            ),
            Attack("a target with another host", ["GET http://evil.example/ HTTP/1.1", host], [200, 400, 404, 421]),
        ]

        private static let sizes: [Attack] = [
            get("a path of 100 KB", "/\(String(repeating: "a", count: 100_000))", [], [400, 404, 414, 431]),
            get("a query of 100 KB", "/?\(String(repeating: "a", count: 100_000))", [], [400, 404, 414, 431]),
            get("a header of 100 KB", "/", ["X: \(String(repeating: "a", count: 100_000))"], [400, 413, 431]),
            get("5000 headers", "/", (0..<5000).map { "X-\($0): a" }, [400, 413, 431]),
            post(
                "a body that Apache alone lets through",
                ["Content-Length: 20000"],
                body: String(repeating: "a", count: 20_000),
                [413, 200]
            ),
            post(
                "chunks that Apache alone lets through",
                ["Transfer-Encoding: chunked"],
                body: "4e20\r\n\(String(repeating: "a", count: 20_000))\r\n0\r\n\r\n",
                [413, 200]
            ),
            post("a body of 2 GB that does not come", ["Content-Length: 2147483648"], body: "a", [400, 413]),
            post("a body that asks first", ["Content-Length: 20000", "Expect: 100-continue"], body: "", [413, 417]),
        ]

        /// Most answers are there at once, and some servers wait for more of what they take for a request.
        private static func perform(_ attack: Attack, at server: WebServer, _ echo: EchoBackEnd) async throws
            -> RawHTTP.Outcome
        {
            let mayBeSilent = attack.statuses.contains(400)
            return try await RawHTTP.exchange(
                RawHTTP.Script(attack.bytes),
                port: server.port,
                within: Patience.limit,
                until: { outcome, quiet in
                    // What the page has been asked comes back, be the machine ever so slow.
                    guard outcome.answersOfPage.count == echo.seen(from: outcome.port).count else { return false }
                    guard outcome.bytes.isEmpty else { return quiet > .milliseconds(150) }
                    return mayBeSilent && quiet > .milliseconds(1500)
                }
            )
        }

        @Test(arguments: Self.kinds)
        func noneOfThemReachesMoreThanItMay(kind: WebServer.Kind) async throws {
            try await EchoBackEnd.with { echo in
                try await WebServer.with(kind, .init(socket: echo.socket)) { server in
                    for attack in Self.smuggling + Self.injections + Self.hosts + Self.sizes {
                        echo.forget()
                        let outcome = try await Self.perform(attack, at: server, echo)
                        let seen = echo.seen(from: outcome.port)
                        let answers = outcome.answers.filter { $0.status != 100 }
                        let what: Comment = "\(kind.rawValue), \(attack.name): \(outcome.text.prefix(600))"
                        // A server may hang up without a word.
                        let waits = outcome.text.hasPrefix("HTTP/1.1 100") || attack.statuses.contains(400)
                        #expect(!answers.isEmpty || outcome.isClosed || waits, what)
                        for answer in answers {
                            #expect(attack.statuses.contains(answer.status), what)
                            #expect(!answer.headers.contains { $0.name == "set-cookie" || $0.name == "evil" }, what)
                        }
                        // The web server and the page agree on which requests there were.
                        #expect(try outcome.answersOfPage.map { try $0.seen() } == seen, what)
                        for seen in seen {
                            #expect(seen.variables["HTTP_PROXY"] ?? "" == "", what)
                            #expect(["GET", "POST", "TRACE", "OPTIONS"].contains(seen.method), what)
                            #expect(seen.variables["HTTP_HOST"] == WebServer.name, what)
                            let length = Int(seen.variables["CONTENT_LENGTH"] ?? "") ?? seen.body.utf8.count
                            #expect(length == seen.body.utf8.count, what)
                        }
                    }
                    #expect(try await RawHTTP.ask(server.port, "/").status == 200, "it serves as before")
                }
            }
        }

        /// The site without TLS sends everybody to the one with it, and nowhere else.
        @Test(arguments: [WebServer.Kind.nginx, .apache, .haproxy])
        func theRedirectLeadsToTheSiteAlone(kind: WebServer.Kind) async throws {
            try await WebServer.with(kind, .init(socket: "/tmp/nobody-listens.sock")) { server in
                for target in [
                    "/", "/a?b=c", "//evil.example/", "/%0d%0aSet-Cookie:%20evil=1", "/\\evil.example",
                    "/@evil.example", "/.evil.example",
                    "/%2f%2fevil.example",
                ] {
                    for host in [WebServer.name, "evil.example"] {
                        let answer = try await RawHTTP.ask(server.plainPort, target, host: host)
                        #expect([301, 302, 400, 404].contains(answer.status), "\(target): \(answer)")
                        #expect(answer["set-cookie"] == nil, "\(target): \(answer)")
                        guard let location = answer["location"] else { continue }
                        #expect(location.hasPrefix("https://\(WebServer.name)/"), "\(target): \(location)")
                        #expect(!location.contains("\r") && !location.contains("\n"))
                    }
                }
            }
        }

        private static let traversals = [
            "/static/../templates/home.mustache", "/static/%2e%2e/templates/home.mustache",
            "/static/%252e%252e/templates/home.mustache", "/static/..%2ftemplates/home.mustache",
            "/static/..%252ftemplates/home.mustache", "/static/..%5ctemplates%5chome.mustache",
            "/static/..\\templates\\home.mustache", "/static/....//templates/home.mustache",
            "/static/%c0%ae%c0%ae/templates/home.mustache", "/static/..%00/templates/home.mustache",
            "/static/page.css%00.mustache", "/static/..;/templates/home.mustache",
            "/static//../templates/home.mustache",
            "/static../templates/home.mustache", "/static/.%2e/.%2e/.%2e/.%2e/.%2e/.%2e/etc/passwd",
            "/static/../../../../../../../../etc/passwd", "/static//etc/passwd", "/../etc/passwd",
            "/..%2f..%2f..%2fetc/passwd",
            "/errors/../templates/home.mustache", "/errors/%2e%2e/templates/home.mustache", "/templates/home.mustache",
            "/STATIC/../templates/home.mustache", "/static/", "/static", "/errors/", "/.git/config", "/static/.git",
            "/cgi-bin/token-page", "/token-page", "/static/page.css/", "/static/page.css/x",
        ]

        @Test func noPathLeadsOutOfTheStaticFilesAndNoMethodPastTheRest() async throws {
            try await Stack.with { stack in
                let backEnd = try await stack.openBackEnd()
                for kind in WebServer.Kind.allCases where kind != .nginxKept {
                    try await WebServer.with(kind, backEnd) { server in
                        for target in Self.traversals {
                            let answer = try await RawHTTP.ask(server.port, target)
                            let what: Comment = "\(kind.rawValue), \(target): \(answer)"
                            #expect([301, 400, 403, 404].contains(answer.status), what)
                            #expect(!answer.text.contains("{{") && !answer.text.contains("root:"), what)
                            #expect(!answer.text.contains(stack.sampleToken), what)
                        }
                        for method in ["PUT", "DELETE", "PROPFIND", "TRACE", "get", "FOO", "G\u{E9}T", "POST"] {
                            let headers = ["X-HTTP-Method-Override: GET", "X-HTTP-Method: GET", "Content-Length: 0"]
                            for target in ["/", "/?_method=GET"] {
                                let answer = try await RawHTTP.ask(
                                    server.port,
                                    target,
                                    method: method,
                                    headers: headers
                                )
                                let what: Comment = "\(kind.rawValue), \(method) \(target): \(answer)"
                                #expect([400, 404, 405, 501].contains(answer.status), what)
                                #expect(!answer.text.contains(stack.sampleToken), what)
                            }
                        }
                    }
                }
            }
        }

        /// However many of them there are, a browser that is in no hurry holds a connection of the web server and none of the page.
        @Test(arguments: Self.kinds)
        func slowBrowsersDoNotKeepOthersWaiting(kind: WebServer.Kind) async throws {
            let drip = (byte: UInt8(ascii: "a"), pause: Duration.milliseconds(200))
            let scripts = [
                "a header": RawHTTP.Script("GET /slow HTTP/1.1\r\n\(Self.host)\r\nX: ", drip: drip),
                "a body": RawHTTP.Script(
                    "POST /slow HTTP/1.1\r\n\(Self.host)\r\nContent-Length: 9999\r\n\r\n",
                    drip: drip
                ),
                "a chunk": RawHTTP.Script(
                    "POST /slow HTTP/1.1\r\n\(Self.host)\r\nTransfer-Encoding: chunked\r\n\r\nff0\r\n",
                    drip: drip
                ),
                "nothing": RawHTTP.Script(""),
            ]
            try await EchoBackEnd.with { echo in
                try await WebServer.with(kind, .init(socket: echo.socket)) { server in
                    let areOthersServed = Box(false)
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        // Also when one of those who are in a hurry gets no answer.
                        defer { areOthersServed.withLock { $0 = true } }
                        for script in scripts.values {
                            for _ in 0..<8 {
                                tasks.addTask {
                                    _ = try await RawHTTP.exchange(
                                        script,
                                        port: server.port,
                                        within: Patience.limit,
                                        until: { _, _ in areOthersServed.value }
                                    )
                                }
                            }
                        }
                        try await Task.sleep(for: .milliseconds(300))
                        for _ in 0..<10 {
                            let start = ContinuousClock.now
                            #expect(try await RawHTTP.ask(server.port, "/").status == 200)
                            // After ten seconds the servers themselves let go of those who are slow.
                            #expect(ContinuousClock.now - start < .seconds(8))
                        }
                        areOthersServed.withLock { $0 = true }
                        try await tasks.waitForAll()
                    }
                    #expect(!echo.seen.contains { $0.path == "/slow" }, "the page is asked when the request is there")
                }
            }
        }

        /// Nor does a browser hold one that is slow to read: the page has handed its answer on before.
        @Test(arguments: Self.kinds)
        func slowReadersDoNotKeepOthersWaiting(kind: WebServer.Kind) async throws {
            let readers = 32
            // Each byte of it is six in the answer, which is longer than any page then.
            let body = String(repeating: "\u{1}", count: 15_000)
            let script = RawHTTP.Script(
                "POST /slow HTTP/1.1\r\n\(Self.host)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
                sip: .milliseconds(50)
            )
            // The page has room for half of them. HAProxy keeps connections for a while that nobody uses.
            let room = kind == .haproxy ? 4 * readers : readers / 2
            try await EchoBackEnd.with(maxConnections: room) { echo in
                try await WebServer.with(kind, .init(socket: echo.socket)) { server in
                    try await withThrowingTaskGroup(of: RawHTTP.Outcome.self) { tasks in
                        for _ in 0..<readers {
                            tasks.addTask {
                                try await RawHTTP.exchange(script, port: server.port, within: .seconds(5))
                            }
                        }
                        #expect(try await eventually { echo.seen.count { $0.path == "/slow" } == readers })
                        for _ in 0..<10 {
                            let start = ContinuousClock.now
                            #expect(try await RawHTTP.ask(server.port, "/").status == 200)
                            #expect(ContinuousClock.now - start < .seconds(2))
                        }
                        for try await outcome in tasks {
                            #expect(outcome.text.hasPrefix("HTTP/1.1 200 "), "\(outcome.text)")
                            #expect(!outcome.isClosed, "a reader that is slow is no reason to hang up")
                        }
                    }
                }
            }
        }
    }
}
