import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Everything by which a page makes a browser ask, against nginx/token-egress.conf.
    @Suite struct EgressBrowserTests {
        private static let names = [
            "fetch-cors", "fetch-no-cors", "fetch-post", "xhr", "beacon", "img", "script", "module", "style", "frame",
            "object",
            "embed", "video", "form-get", "form-post", "prefetch", "preload", "font", "eventsource", "ping",
            "worker-cors",
            "worker-no-cors", "sandbox-img", "sandbox-fetch",
        ]

        /// Asks another origin, which is the same machine, in all these ways.
        private static func page(_ api: String) -> String {
            """
            <!doctype html><title>x</title><body><script>
            const at = name => "\(api)/2/users/" + name, nothing = () => 0;
            const add = (tag, fields, parent = document.body) => parent.append(Object.assign(document.createElement(tag), fields));
            fetch(at("fetch-cors")).catch(nothing);
            fetch(at("fetch-no-cors"), { mode: "no-cors" }).catch(nothing);
            fetch(at("fetch-post"), { mode: "no-cors", method: "POST", body: "x" }).catch(nothing);
            const request = new XMLHttpRequest(); request.open("GET", at("xhr")); request.send();
            navigator.sendBeacon(at("beacon"), "x");
            for (const tag of ["img", "script", "embed", "video"]) add(tag, { src: at(tag) });
            add("script", { type: "module", src: at("module") });
            add("iframe", { src: at("frame") });
            add("object", { data: at("object") });
            add("link", { rel: "stylesheet", href: at("style") }, document.head);
            add("link", { rel: "prefetch", href: at("prefetch") }, document.head);
            add("link", { rel: "preload", as: "image", href: at("preload") }, document.head);
            new FontFace("x", `url(${at("font")})`).load().catch(nothing);
            new EventSource(at("eventsource"));
            for (const method of ["get", "post"]) {
                add("iframe", { name: method });
                add("form", { method, target: method, action: at("form-" + method) });
                document.body.lastChild.submit();
            }
            const work = `for (const mode of ["cors", "no-cors"])
                fetch("${at("worker-")}" + mode, { mode }).catch(() => 0)`;
            new Worker(URL.createObjectURL(new Blob([work])));
            add("iframe", { sandbox: "allow-scripts", srcdoc: `<script>new Image().src = "${at("sandbox-img")}";
                fetch("${at("sandbox-fetch")}").catch(() => 0)</scr` + `ipt>` });
            add("a", { href: "#", ping: at("ping") });
            document.body.lastChild.click();
            </script>
            """
        }

        @Test func noPageOfABrowserGetsThrough() async throws {
            let (api, front, _) = try FreePorts.three()
            var options = Stack.Options()
            options.nginxExtraOf = { stack in
                let rules = """
                    {"dropbox":{"paths":["/"],"methods":["GET","POST"],
                    "token":"\(stack.vaultURL)/services/dropbox/tokens/sampleToken"}}
                    """
                try Data(rules.utf8).write(to: stack.directory.appending(path: "egress.json"))
                try FileManager.default.createDirectory(
                    at: stack.directory.appending(path: "browser"),
                    withIntermediateDirectories: false
                )
                try Data(Self.page("http://127.0.0.1:\(front)").utf8).write(
                    to: stack.directory.appending(path: "browser/page.html")
                )
                let site = try EgressTests.site(socket: stack.path("x.sock"), stack: stack)
                // Somebody has led a port to the socket, so that nothing but what browsers say of themselves keeps them out.
                return try EgressTests.api(port: api, stack: stack) + site + """
                    server {
                        listen 127.0.0.1:\(front);
                        location = /page.html { root \(stack.path("browser")); default_type text/html; }
                        location / {
                            proxy_pass http://unix:\(stack.path("x.sock"));
                            proxy_set_header Host egress;
                        }
                    }
                    """
            }
            options.pageEnvironmentOf = { ["TOKEN_PAGE_EGRESS": $0.path("egress.json")] }
            try await Stack.with(options) { stack in
                let missing = try await Chromium.with { chromium -> [String] in
                    try chromium.open("http://localhost:\(front)/page.html")
                    let deadline = ContinuousClock.now + .seconds(120)
                    var missing = Self.names
                    while !missing.isEmpty, ContinuousClock.now < deadline {
                        usleep(100_000)
                        let log = stack.log("log/token-egress.log")
                        missing.removeAll { log.contains("/2/users/\($0) ") }
                    }
                    // Typed into the address bar.
                    try chromium.open("http://127.0.0.1:\(front)/2/users/typed")
                    return missing
                }
                #expect(missing.isEmpty, "the browser did not ask in these ways")
                let lines = stack.log("log/token-egress.log").split(separator: "\n")
                #expect(lines.count > Self.names.count)
                for line in lines { #expect(line.contains("\" 403 "), "\(line)") }
                #expect(stack.log("log/api.log").isEmpty)
            }
        }
    }
}
