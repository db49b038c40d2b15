import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The ways in which a site lets somebody in, and says who that is.
    @Suite struct AccessTests {
        /// What a client may try so that the page takes it for somebody else.
        static let spoofs = [
            "Token-Page-User: eve", "Token_Page_User: eve", "TOKEN_PAGE_USER: eve", "Remote-User: eve",
            "Remote_User: eve",
            "REMOTE_USER: eve", "X-Remote-User: eve", "X-Auth-Request-User: eve", "X_Auth_Request_User: eve",
            "X-Auth-Request-Email: eve@example.com", "X-Forwarded-User: eve", "X-Forwarded-For: 127.0.0.1",
            "SSL-Client-S-DN: CN=eve", "X-SSL-Client-Verify: SUCCESS", "Http-Token-Page-User: eve",
        ]

        private struct LoginProxy {
            let port: Int
            let process: ChildProcess

            static let script = Checkout.root.appending(path: "Tests/WebServers/login_proxy.py").path(
                percentEncoded: false
            )

            static func run(_ arguments: [String], log: URL) throws -> ChildProcess {
                let python = try #require(Checkout.installed("python3"))
                return try ChildProcess(
                    python,
                    [Self.script] + arguments,
                    environment: ["PATH": "/usr/bin:/bin"],
                    log: log
                )
            }

            static func cookie(_ name: String) async throws -> String {
                let log = FileManager.default.temporaryDirectory.appending(path: "cookie-\(UUID().uuidString)")
                defer { try? FileManager.default.removeItem(at: log) }
                let process = try Self.run(["cookie", name], log: log)
                _ = try await process.waitForEnd()
                return "Cookie: _oauth2_proxy=" + process.logText.trimmingCharacters(in: .whitespacesAndNewlines)
            }

            static func with(_ body: (LoginProxy) async throws -> Void) async throws {
                let port = try FreePorts.take(1)[0]
                let log = FileManager.default.temporaryDirectory.appending(path: "proxy-\(UUID().uuidString)")
                defer { try? FileManager.default.removeItem(at: log) }
                let proxy = LoginProxy(port: port, process: try Self.run([String(port)], log: log))
                do {
                    _ = try await eventually { (try? await RawHTTP.ask(port, "/up").status) == 404 }
                    try await body(proxy)
                } catch {
                    await proxy.process.stop()
                    throw error
                }
                await proxy.process.stop()
            }

            struct Asked: Decodable {
                let path: String
                let headers: [String: String]
            }

            var asked: [Asked] {
                self.process.logText.split(separator: "\n").compactMap { line in
                    try? JSONDecoder().decode(Asked.self, from: Data(line.utf8))
                }
            }
        }

        @Test(arguments: WebServer.Kind.fastCGI)
        func whereTheSiteNamesNobodyNoHeaderDoes(kind: WebServer.Kind) async throws {
            try await EchoBackEnd.with { echo in
                try await WebServer.with(kind, .init(socket: echo.socket)) { server in
                    for spoof in Self.spoofs {
                        let answer = try await RawHTTP.ask(server.port, "/", headers: [spoof])
                        let seen = try answer.seen()
                        #expect(seen.variables["TOKEN_PAGE_USER"] == nil, "\(spoof): \(seen)")
                        #expect(seen.variables["REMOTE_USER"] ?? "" == "", "\(spoof): \(seen)")
                        #expect(seen.variables["REMOTE_ADDR"] == "127.0.0.1")
                    }
                }
            }
        }

        @Test(arguments: [WebServer.Kind.nginx, .apache, .haproxy])
        func aPasswordLetsInAndNamesItsOwner(kind: WebServer.Kind) async throws {
            try await EchoBackEnd.with { echo in
                var backEnd = WebServer.BackEnd(socket: echo.socket)
                backEnd.nginxAccess = "include snippets/token-page-password.conf;"
                let file = "/tmp/htpasswd-\(UUID().uuidString.prefix(8))"
                defer { try? FileManager.default.removeItem(atPath: file) }
                try "ann:\(try Self.hash("secret"))\nbob:\(try Self.hash("other"))\n"
                    .write(toFile: file, atomically: true, encoding: .utf8)
                chmod(file, 0o644)
                backEnd.apacheAccess = """
                    AuthType Basic
                    AuthName "Token page"
                    AuthUserFile \(file)
                    Require valid-user
                    ProxyFCGISetEnvIf "true" TOKEN_PAGE_USER "%{REMOTE_USER}"
                    """
                backEnd.htpasswd = file
                backEnd.haproxyUsers = [
                    "ann password \(try Self.hash("secret", "-6"))", "bob password \(try Self.hash("other", "-6"))",
                ]
                try await WebServer.with(kind, backEnd) { server in
                    for wrong in [[], ["ann:wrong"], ["eve:secret"], [":"], ["ann:"], ["ann"]].map({ $0.first }) {
                        for spoof in [[]] + Self.spoofs.map({ [$0] }) {
                            let headers =
                                wrong.map { ["Authorization: Basic \(Data($0.utf8).base64EncodedString())"] } ?? []
                            let answer = try await RawHTTP.ask(server.port, "/", headers: headers + spoof)
                            #expect(answer.status == 401, "\(wrong ?? "nobody") \(spoof): \(answer)")
                        }
                    }
                    #expect(echo.seen.isEmpty)
                    for (name, password) in [("ann", "secret"), ("bob", "other")] {
                        let basic = "Authorization: Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
                        for spoof in [[]] + Self.spoofs.map({ [$0] }) {
                            let seen = try await RawHTTP.ask(server.port, "/", headers: [basic] + spoof).seen()
                            #expect(seen.variables["TOKEN_PAGE_USER"] == name, "\(spoof): \(seen)")
                            // A password for the web server is not for the page.
                            #expect(seen.variables["HTTP_AUTHORIZATION"] ?? "" == "")
                        }
                    }
                    #expect(try await RawHTTP.ask(server.port, "/static/page.css").status == 200)
                }
            }
        }

        private static func curl(_ server: WebServer, _ arguments: [String]) async throws -> (
            code: Int32?, text: String
        ) {
            let log = server.directory.appending(path: "curl-\(UUID().uuidString)")
            let url = "https://\(WebServer.name):\(server.port)/"
            let common = ["--silent", "--max-time", "20", "--noproxy", "*", "--cacert", server.path("server.pem")]
            let process = try ChildProcess(
                try #require(Checkout.installed("curl")),
                common + ["--resolve", "\(WebServer.name):\(server.port):127.0.0.1", url] + arguments,
                environment: ["PATH": "/usr/bin:/bin"],
                log: log
            )
            return (try await process.waitForEnd(), process.logText)
        }

        @Test(arguments: WebServer.Kind.fastCGI)
        func theSiteSpeaksTLSOfTodayAlone(kind: WebServer.Kind) async throws {
            try await EchoBackEnd.with { echo in
                var backEnd = WebServer.BackEnd(socket: echo.socket)
                backEnd.isSecure = true
                try await WebServer.with(kind, backEnd) { server in
                    for version in ["--tlsv1.2", "--tlsv1.3"] {
                        let answer = try await Self.curl(server, [version, "--http1.1"])
                        let seen = try JSONDecoder().decode(EchoBackEnd.Seen.self, from: Data(answer.text.utf8))
                        #expect(seen.variables["HTTPS"] == "on", "\(seen)")
                        #expect(seen.variables["HTTP_HOST"] == "\(WebServer.name):\(server.port)")
                    }
                    // With what old clients would be content with.
                    let old = try await Self.curl(server, ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"])
                    #expect(old.code == 35, "\(old)")
                    #expect(echo.seen.count == 2)
                }
            }
        }

        @Test(arguments: [WebServer.Kind.nginx, .apache])
        func aCertificateLetsInAndNamesItsOwner(kind: WebServer.Kind) async throws {
            try await EchoBackEnd.with { echo in
                var backEnd = WebServer.BackEnd(socket: echo.socket)
                backEnd.isSecure = true
                backEnd.nginxAccess = "include snippets/token-page-certificate.conf;"
                backEnd.apacheAccess = """
                    Require ssl-verify-client
                    ProxyFCGISetEnvIf "true" TOKEN_PAGE_USER "%{SSL_CLIENT_S_DN}"
                    """
                try await WebServer.with(kind, backEnd) { server in
                    func ask(_ name: String?, _ more: [String] = []) async throws -> String {
                        let mine =
                            name.map { ["--cert", server.path("\($0).pem"), "--key", server.path("\($0).key")] } ?? []
                        return try await Self.curl(server, mine + more + ["--write-out", "\n%{http_code}"]).text
                    }
                    let spoofs = Self.spoofs.flatMap { ["--header", $0] }
                    #expect(try await ask(nil, spoofs).hasSuffix("\n403"))
                    // One of the same name, from nobody.
                    let forged = try await ask("eve", spoofs)
                    #expect(
                        forged.hasSuffix("\n403") || forged.hasSuffix("\n400") || forged.hasSuffix("\n000"),
                        "\(forged)"
                    )
                    #expect(echo.seen.isEmpty)
                    #expect(try await ask("ann", spoofs).hasSuffix("\n200"))
                    #expect(echo.seen.map { $0.variables["TOKEN_PAGE_USER"] } == ["CN=ann"])
                }
            }
        }

        private static func hash(_ password: String, _ kind: String = "-apr1") throws -> String {
            let process = Process()
            process.executableURL = URL(filePath: try #require(Checkout.installed("openssl")))
            process.arguments = ["passwd", kind, password]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        @Test func aLoginProxyLetsInAndNamesWhomItKnows() async throws {
            let (ann, renewed) = (try await LoginProxy.cookie("ann"), try await LoginProxy.cookie("renewed"))
            try await LoginProxy.with { proxy in
                try await EchoBackEnd.with { echo in
                    var backEnd = WebServer.BackEnd(socket: echo.socket)
                    backEnd.nginxAccess = "include snippets/token-page-login-proxy.conf;"
                    backEnd.loginProxyPort = proxy.port
                    try await WebServer.with(.nginx, backEnd) { server in
                        let forged = "Cookie: _oauth2_proxy=ann." + String(repeating: "0", count: 64)
                        for headers in [[], [forged], ["Cookie: _oauth2_proxy="], ["Cookie: _oauth2_proxy=ann"]] {
                            for spoof in [[]] + Self.spoofs.map({ [$0] }) {
                                let answer = try await RawHTTP.ask(server.port, "/?a=1&b=%26", headers: headers + spoof)
                                // The login begins, and comes back to what was asked for.
                                #expect(answer.status == 302, "\(headers) \(spoof): \(answer)")
                                #expect(
                                    answer["location"]?.hasSuffix("?state=%2F%3Fa%3D1%26b%3D%2526") == true,
                                    "\(answer)"
                                )
                            }
                        }
                        #expect(echo.seen.isEmpty)
                        for spoof in [[]] + Self.spoofs.map({ [$0] }) {
                            let answer = try await RawHTTP.ask(server.port, "/", headers: [ann] + spoof)
                            let seen = try answer.seen()
                            #expect(seen.variables["TOKEN_PAGE_USER"] == "ann", "\(spoof): \(seen)")
                            #expect(seen.variables["HTTP_COOKIE"] == "", "the proxy's cookie is not for the page")
                            #expect(answer["set-cookie"] == nil)
                            #expect(answer["strict-transport-security"] != nil)
                        }
                        let again = try await RawHTTP.ask(server.port, "/", headers: [renewed])
                        #expect(again["set-cookie"]?.hasPrefix("_oauth2_proxy=again") == true, "\(again)")
                        // The body of a request stays with nginx, and what is asked is not whether a POST may come.
                        let post = try await RawHTTP.ask(
                            server.port,
                            "/forget",
                            method: "POST",
                            headers: [ann],
                            body: "a=b"
                        )
                        #expect(try post.seen().body == "a=b")
                        #expect(try await RawHTTP.ask(server.port, "/oauth2/auth", headers: [ann]).status == 404)
                        #expect(try await RawHTTP.ask(server.port, "/oauth2/sign_in").status == 200)
                        let elsewhere = try await RawHTTP.ask(server.port, "/oauth2/start?rd=//evil.example/")
                        #expect(elsewhere["location"]?.hasSuffix("?state=%2F") == true, "\(elsewhere)")
                    }
                    for asked in proxy.asked where asked.path.hasPrefix("/oauth2/") {
                        #expect(asked.headers["x-forwarded-for"] == "127.0.0.1")
                        #expect(asked.headers["x-real-ip"] == "127.0.0.1")
                        #expect(asked.headers["host"] == WebServer.name)
                    }
                    await proxy.process.stop()
                    try await WebServer.with(.nginx, backEnd) { server in
                        echo.forget()
                        let answer = try await RawHTTP.ask(server.port, "/", headers: [ann])
                        #expect(answer.status == 500, "without its proxy the page is closed: \(answer)")
                        #expect(echo.seen.isEmpty)
                    }
                }
            }
        }
    }
}
