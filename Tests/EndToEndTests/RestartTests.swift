import Foundation
import TestSupport
import Testing

extension VaultFailures {
    /// The page ends and starts again while browsers ask for it, on a socket that stays, as systemd has it.
    @Suite struct RestartTests {
        /// Whether nginx keeps its connections to the page, as its site says, or makes one for each request.
        enum Connections: String {
            case kept
            case new
        }

        private static let token = #"{"Parameters":{},"Value":{"AccessToken":"shared"},"ExpiresIn":3600}"#

        /// A process that is killed takes what it was answering with it; on a kept connection nginx asks once more then, but for
        /// what may be done only once.
        @Test(arguments: [
            (Connections.kept, SIGTERM, "GET", 200), (.kept, SIGKILL, "GET", 200), (.new, SIGTERM, "GET", 200),
            (.kept, SIGTERM, "POST", 405),
        ])
        func noVisitIsLost(connections: Connections, signal: Int32, method: String, status: Int) async throws {
            let vault = try LoopbackServer(.json(Self.token))
            defer { vault.stop() }
            let environment = ["TOKEN_VAULT_URL": vault.url("/t").absoluteString, "LOG_LEVEL": "error"]
            let site: @Sendable (Stack) -> String = { stack in
                """
                server {
                    listen unix:\(stack.path("u.sock"));
                    location / {
                        include snippets/token-page-fastcgi.conf;
                        fastcgi_pass unix:\(stack.path("p.sock"));
                    }
                }
                """
            }
            let options = Stack.Options(pageEnvironment: environment, nginxExtraOf: site)
            try await Stack.with(options) { stack in
                try await stack.stop("page")
                let listener = try UnixSocket.listen(at: stack.path("p.sock"))
                defer { close(listener) }
                let variables = try await stack.pageEnvironment(options)
                let start = {
                    try ChildProcess(
                        Checkout.program("token-page"),
                        environment: variables,
                        log: stack.directory.appending(path: "restarted.log"),
                        descriptors: [0: listener]
                    )
                }
                var page = try start()
                let crowd = SteadyCrowd(
                    of: 8,
                    at: connections == .kept ? .port(stack.port) : .unixSocket(stack.path("u.sock")),
                    method: method
                )
                for _ in 0..<3 {
                    let before = crowd.visits.count
                    #expect(try await eventually { crowd.visits.count > before + 100 })
                    page.signal(signal)
                    #expect(try await page.waitForEnd() == (signal == SIGKILL ? 128 + SIGKILL : 0))
                    page = try start()
                }
                let before = crowd.visits.count
                #expect(try await eventually { crowd.visits.count > before + 100 })
                let visits = try await crowd.stop()
                await page.stop()
                #expect(visits.count > 400)
                #expect(visits.filter { $0 != status }.isEmpty)
            }
        }
    }
}
