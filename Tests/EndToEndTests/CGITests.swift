import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The same program as a CGI program, started by fcgiwrap for each request.
    @Suite struct CGITests {
        @Test func thePageWorksAsACGIProgram() async throws {
            let fcgiwrap = try #require(Checkout.installed("fcgiwrap"), "fcgiwrap is not installed")
            let (port, _, _) = try FreePorts.three()
            var options = Stack.Options()
            let socket = FileManager.default.temporaryDirectory.appending(path: "cgi-\(UUID().uuidString.prefix(8))")
                .path(percentEncoded: false)
            options.nginxExtra = """
                server {
                    listen 127.0.0.1:\(port);
                    location / {
                        include /etc/nginx/fastcgi_params;
                        fastcgi_param SCRIPT_NAME /cgi-bin/token-page;
                        fastcgi_param PATH_INFO $uri;
                        fastcgi_param GATEWAY_INTERFACE CGI/1.1;
                        fastcgi_param SCRIPT_FILENAME "\(Checkout.program("token-page"))";
                        fastcgi_pass unix:\(socket);
                    }
                }
                """
            try await Stack.with(options) { stack in
                let wrapper = try ChildProcess(
                    fcgiwrap,
                    ["-f", "-c", "2", "-s", "unix:\(socket)"],
                    environment: try await stack.pageEnvironment(),
                    log: stack.directory.appending(path: "fcgiwrap.log")
                )
                defer { try? FileManager.default.removeItem(atPath: socket) }
                let isUp = try await eventually { UnixSocket.isListening(at: socket) }
                #expect(isUp)
                let page = try await Browser.get("http://127.0.0.1:\(port)/")
                #expect(page.status == 200)
                #expect(page.visibleText.contains("Token: \(stack.sampleToken)"))
                // Words of a query are arguments of a CGI program; they must not be options of this one.
                let query = try await Browser.get("http://127.0.0.1:\(port)/?--check")
                #expect(query.status == 200)
                #expect(query.visibleText.contains("Principal Used:"))
                #expect(try await Browser.get("http://127.0.0.1:\(port)/nowhere").status == 404)
                let proxied = try await Browser.get(
                    "http://127.0.0.1:\(port)/",
                    headers: ["Proxy": "http://127.0.0.1:1"]
                )
                #expect(proxied.status == 200)
                await wrapper.stop()
            }
        }
    }
}
