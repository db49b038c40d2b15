import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What Prometheus reads of the page and of the vault, and by what both know a request.
    @Suite struct MetricsTests {
        private static let options = Stack.Options(
            pageEnvironment: ["TOKEN_PAGE_METRICS_ADDRESSES": "127.0.0.1"],
            vaultEnvironment: ["TOKEN_VAULT_METRICS_ADDRESSES": "127.0.0.1"]
        )

        /// What `promtool` has to say of a scrape; it ends with 0 when that is nothing.
        private static func complaints(_ text: String, _ stack: Stack) async throws -> String {
            try Data(text.utf8).write(to: stack.directory.appending(path: "scrape"))
            let process = try ChildProcess(
                "/usr/bin/promtool",
                ["check", "metrics"],
                environment: ["PATH": "/usr/bin:/bin"],
                log: stack.directory.appending(path: "promtool-\(UUID().uuidString).log"),
                input: stack.path("scrape")
            )
            let status = try await process.waitForEnd()
            return status == 0 && process.logText.isEmpty ? "" : "ended with \(status ?? -1): \(process.logText)"
        }

        @Test(
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "promtool is not installed")
        )
        func whatIsScrapedIsAsPrometheusWantsIt() async throws {
            try await Stack.with(Self.options) { stack in
                for _ in 0..<5 { #expect(try await Browser.get(stack.pageURL + "/").status == 200) }
                let page = try await Browser.get(stack.pageURL + "/metrics")
                let vault = try await Browser.get(stack.vaultURL + "/metrics")
                for scrape in [page, vault] {
                    #expect(scrape.status == 200)
                    #expect(scrape.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                    #expect(try await Self.complaints(scrape.text, stack) == "")
                    #expect(!scrape.text.contains(stack.sampleToken))
                    #expect(!scrape.text.contains("sampleToken"))
                }
                #expect(page.text.contains("\ntoken_page_requests_total{route=\"/\",status=\"200\"} 5\n"))
                #expect(page.text.contains("\ntoken_page_vault_answers_total 5\n"))
                #expect(page.text.contains("\ntoken_page_principals_total{kind=\"App\"} 5\n"))
                #expect(vault.text.contains("\ntoken_vault_reads_total{outcome=\"given\"} 5\n"))
                #expect(vault.text.contains("\ntoken_vault_tokens{service=\"dropbox\",state=\"Ok\"} 1\n"))
                // The check itself finds what is wrong.
                #expect(try await Self.complaints("# TYPE x counter\nx 1\n", stack) != "")
            }
        }

        @Test func nothingIsShownUnlessItIsAskedFor() async throws {
            try await Stack.with { stack in
                let page = try await Browser.get(stack.pageURL + "/metrics")
                let vault = try await Browser.get(stack.vaultURL + "/metrics")
                #expect(page.status == 404)
                #expect(vault.status == 404)
            }
        }

        @Test func theAuditKnowsARequestAsThePageDoes() async throws {
            let logsIDs = "log_format ids '$request_id $uri'; access_log log/ids.log ids;"
            try await Stack.with(Stack.Options(nginxExtra: logsIDs)) { stack in
                // What a browser says is not asked: nginx makes the id.
                let own = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                _ = try await Browser.get(stack.pageURL + "/", headers: ["X-Request-ID": own])
                let lines = try await stack.vaultOutput(["audit", "list"]).split(separator: "\n")
                    .filter { $0.contains("\tgiven") }
                let ids = lines.compactMap { $0.split(separator: "\t").last.map(String.init) }
                let logged = { stack.log("log/ids.log").split(separator: "\n").filter { $0.hasSuffix(" /") } }
                // nginx writes a line when it is done with the answer.
                #expect(try await eventually { !logged().isEmpty })
                let page = logged()
                #expect(ids.count == 1)
                #expect(ids.map { "\($0) /" } == page.map(String.init))
                #expect(ids.first != own)
                let known = "0123456789abcdef0123456789abcdef"
                let asked = try await Browser.get(
                    stack.vaultURL + "/services/dropbox/tokens/sampleToken",
                    headers: ["X-Request-ID": known, "Authorization": "Bearer x"]
                )
                #expect(asked.status == 401)
                #expect(try await eventually({ stack.log("vault.log").contains(known) }))
                _ = try await Browser.get(
                    stack.vaultURL + "/services/dropbox/tokens/sampleToken",
                    headers: ["X-Request-ID": "not-an-id", "Authorization": "Bearer x"]
                )
                #expect(!stack.log("vault.log").contains("not-an-id"))
            }
        }
    }
}
