import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// nginx/token-egress.conf with real nginx, the page, the vault, and an API behind TLS that says what it got.
    @Suite struct EgressTests {
        /// The API, which is nginx again with a certificate of its own, and refuses every token but the sample.
        static func api(port: Int, stack: Stack) throws -> String {
            let openssl = try #require(Checkout.installed("openssl"))
            let process = Process()
            process.executableURL = URL(filePath: openssl)
            process.arguments = [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=api.test", "-addext",
                "subjectAltName=DNS:api.test", "-keyout", stack.path("api.key"), "-out", stack.path("api.pem"),
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return """
                upstream api.test { server 127.0.0.1:\(port); }
                log_format api '$request_method $request_uri host=$http_host cookie=$http_cookie '
                    'secret=$http_x_egress_secret body=$request_body';
                server {
                    listen 127.0.0.1:\(port) ssl;
                    server_name api.test;
                    ssl_certificate api.pem;
                    ssl_certificate_key api.key;
                    merge_slashes off;
                    access_log log/api.log api;
                    location / {
                        if ($http_authorization != "Bearer \(stack.sampleToken)") { return 401 "the API refuses\\n"; }
                        add_header Set-Cookie "session=1";
                        return 200 "$request_method $request_uri\\n";
                    }
                    location /2/users/new {
                        if ($http_authorization != "Bearer second-token") { return 401 "the API refuses\\n"; }
                        proxy_pass http://unix:\(stack.path("y.sock"));
                    }
                    location /2/users/missing { return 404 "the API has none\\n"; }
                    location /2/users/denied { return 403 "the API denies\\n"; }
                }
                server {
                    listen unix:\(stack.path("y.sock"));
                    location / { return 200 "$request_method $request_uri again\\n"; }
                }
                """
        }

        /// The site of nginx/, on a socket of the test, for the API of the test.
        static func site(socket: String, stack: Stack) throws -> String {
            let source = Checkout.root.appending(path: "nginx")
            let snippet = try String(
                contentsOf: source.appending(path: "snippets/token-egress.conf"),
                encoding: .utf8
            )
            .replacing("/etc/ssl/certs/ca-certificates.crt", with: stack.path("api.pem"))
            .replacing("/run/token-page.sock", with: stack.path("p.sock"))
            return try String(contentsOf: source.appending(path: "token-egress.conf"), encoding: .utf8)
                .replacing("unix:/run/token-egress/dropbox.sock", with: "unix:\(socket)")
                .replacing("api.dropboxapi.com", with: "api.test")
                .replacing("/var/log/nginx/", with: stack.path("log/"))
                .replacing("include snippets/token-egress.conf;", with: snippet)
        }

        private static func with(_ body: (Stack, String) async throws -> Void) async throws {
            let port = try FreePorts.three().0
            var options = Stack.Options()
            options.nginxExtraOf = { stack in
                let rules = """
                    {"dropbox":{"paths":["/2/users/"],"methods":["GET","POST"],
                    "token":"\(stack.vaultURL)/services/dropbox/tokens/sampleToken"}}
                    """
                try Data(rules.utf8).write(to: URL(filePath: stack.path("egress.json")))
                return try Self.api(port: port, stack: stack) + Self.site(socket: stack.path("x.sock"), stack: stack)
            }
            options.pageEnvironmentOf = { ["TOKEN_PAGE_EGRESS": $0.path("egress.json")] }
            try await Stack.with(options) { try await body($0, $0.path("x.sock")) }
        }

        /// What a program of this machine gets: the status, and the body.
        private static func curl(_ socket: String, _ path: String, _ more: [String] = []) async throws -> (Int, String)
        {
            let curl = try #require(Checkout.installed("curl"))
            let output = FileManager.default.temporaryDirectory.appending(path: "curl-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: output) }
            let process = try ChildProcess(
                curl,
                [
                    "--silent", "--path-as-is", "--max-time", "20", "--unix-socket", socket, "--write-out",
                    "\n%{http_code}",
                ] + more + ["http://egress\(path)"],
                environment: [:],
                log: output
            )
            _ = try await process.waitForEnd()
            let lines = process.logText.split(separator: "\n", omittingEmptySubsequences: true)
            return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
        }

        @Test func aProgramOfThisMachineUsesATokenThatItNeverSees() async throws {
            try await Self.with { stack, socket in
                let (status, body) = try await Self.curl(socket, "/2/users/get?a=%20b")
                #expect(status == 200)
                #expect(body == "GET /2/users/get?a=%20b")
                let posted = try await Self.curl(
                    socket,
                    "/2/users/list",
                    ["--data", "{\"x\":1}", "--header", "Authorization: Bearer mine"]
                )
                #expect(posted == (200, "POST /2/users/list"))
                // What the API itself says reaches the caller.
                #expect(try await Self.curl(socket, "/2/users/missing") == (404, "the API has none"))
                #expect(try await Self.curl(socket, "/2/users/denied") == (403, "the API denies"))
                let headers = try await Self.curl(socket, "/2/users/get", ["--include"]).1
                #expect(!headers.contains(stack.sampleToken))
                #expect(!headers.lowercased().contains("set-cookie"))
                let log = stack.log("log/api.log")
                let egress = stack.log("log/token-egress.log")
                #expect(egress.contains(" dropbox \"GET /2/users/get HTTP/1.1\" 200 "))
                #expect(!egress.contains("20b"), "the query is nobody's business")
                #expect(log.contains("GET /2/users/get?a=%20b host=api.test cookie=- secret=- body=-"))
                for name in ["log/access.log", "nginx.log", "page.log", "log/api.log"] {
                    #expect(!stack.log(name).contains(stack.sampleToken), "\(name)")
                }
            }
        }

        @Test func whatTheRuleDoesNotAllowNeverReachesTheAPI() async throws {
            try await Self.with { stack, socket in
                for (path, options, status) in [
                    ("/2/files/delete", [], 403), ("/2/users/get", ["--request", "DELETE"], 405),
                    ("/2/users/../auth/token/revoke", [], 400), ("/2/users/%2e%2e/auth", [], 400),
                    ("//2/users/get", [], 400), ("/2/users/x%2fy", [], 400),
                    ("/2/users/get", ["--header", "Origin: https://evil.example"], 403),
                    ("/2/users/get", ["--header", "Sec-Fetch-Site: cross-site"], 403),
                    ("/2/users/get", ["--header", "Host: evil.example"], 403), ("/.token-egress", [], 404),
                ] {
                    let (got, body) = try await Self.curl(socket, path, options)
                    #expect(got == status, "\(path) \(options): \(body)")
                }
                #expect(stack.log("log/api.log").isEmpty)
            }
        }

        @Test func afterA401OfTheAPIThereIsOneAttemptWithAnotherToken() async throws {
            try await Self.with { stack, socket in
                #expect(try await Self.curl(socket, "/2/users/get").0 == 200)
                // The page has that token in its memory, and the vault has another, which alone is good for the API now.
                try Data("second-token\n".utf8).write(to: stack.directory.appending(path: "token"))
                try await stack.vault(
                    ["token", "import", "dropbox", "sampleToken", "--expires-in", "3600"],
                    input: stack.path("token")
                )
                let answer = try await Self.curl(socket, "/2/users/new", ["--data", "body"])
                #expect(answer == (200, "POST /2/users/new again"))
                let asked = stack.log("log/api.log").split(separator: "\n")
                #expect(asked.count == 3)
                #expect(asked.last?.hasSuffix(" body=body") == true, "the body goes along the second time")
                // There is no third attempt: the vault has nothing but what the API refuses.
                let (status, body) = try await Self.curl(socket, "/2/users/get")
                #expect(status == 401)
                #expect(body == "The API refuses the token, and the vault has no other one.")
                #expect(stack.log("log/api.log").split(separator: "\n").count == 4)
            }
        }

        @Test func whileTheVaultIsAwayTheCallerIsToldSo() async throws {
            try await Self.with { stack, socket in
                try await stack.stop("vault")
                let (status, body) = try await Self.curl(socket, "/2/users/get")
                #expect(status == 502)
                #expect(body.contains("vault"))
            }
        }
    }
}
