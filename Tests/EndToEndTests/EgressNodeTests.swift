import Foundation
import Testing

extension EndToEnd {
    /// nginx/token-egress.conf and a program for Node.js, whose fetch() says things about itself that browsers say.
    @Suite(
        .enabled(if: Checkout.installed("node") != nil, "Node.js is not installed"),
        .enabled(if: geteuid() == 0, "to give the socket to a group takes root")
    )
    struct EgressNodeTests {
        private static let script = """
            const http = require("http");
            const [socketPath, url, secret] = process.argv.slice(1);
            const over = (path, headers = {}) => new Promise((resolve, reject) => {
                http.get({ socketPath, path, headers: { Host: "egress", ...headers }, timeout: 20000 }, async answer => {
                    let text = "";
                    for await (const chunk of answer) text += chunk;
                    resolve(`${answer.statusCode} ${text.trim()}`);
                }).on("error", reject);
            });
            const fetched = async (path, options = {}) => {
                const headers = { "X-Egress-Secret": secret, ...options.headers };
                const answer = await fetch(url + path, { signal: AbortSignal.timeout(20000), ...options, headers });
                return `${answer.status} ${(await answer.text()).trim()}`;
            };
            (async () => {
                console.log(await over("/2/users/get"));
                console.log(await over("/2/users/get", { "Sec-Fetch-Mode": "cors" }));
                if (typeof fetch === "undefined") return;
                console.log(await fetched("/2/users/get?a=1"));
                console.log(await fetched("/2/users/list", { method: "POST", body: "{}" }));
                console.log(await fetched("/2/users/get", { mode: "no-cors" }));
                console.log(await fetched("/2/users/get", { headers: { Origin: "https://evil.example" } }));
            })();
            """

        @Test func aProgramForNodeUsesTheToken() async throws {
            try await EgressPythonTests.with { stack, socket, port in
                let process = try ChildProcess(
                    try #require(Checkout.installed("node")),
                    ["-e", Self.script, socket, "http://127.0.0.1:\(port)", "0123456789abcdef"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    log: stack.directory.appending(path: "node")
                )
                _ = try await process.waitForEnd()
                let lines = process.logText.split(separator: "\n").map(String.init)
                #expect(lines.prefix(2) == ["200 GET /2/users/get", "200 GET /2/users/get"])
                // Before version 18 there is no fetch().
                guard lines.count > 2 else { return }
                #expect(
                    lines.dropFirst(2) == [
                        "200 GET /2/users/get?a=1", "200 POST /2/users/list", "200 GET /2/users/get",
                        "403 A page in a browser asks, and this is for programs.",
                    ]
                )
            }
        }
    }
}
