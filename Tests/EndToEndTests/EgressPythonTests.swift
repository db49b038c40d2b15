import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// nginx/token-egress.conf and a program in another language, as the users that may and may not use it.
    @Suite(.enabled(if: geteuid() == 0, "to be another user takes root")) struct EgressPythonTests {
        /// The library's own client for HTTP, over the socket and over TCP.
        private static let script = """
            import http.client, socket, sys, urllib.error, urllib.request

            class Egress(http.client.HTTPConnection):
                def connect(self):
                    self.sock = socket.socket(socket.AF_UNIX)
                    self.sock.settimeout(20)
                    self.sock.connect(sys.argv[2])

            try:
                if sys.argv[1] == "unix":
                    connection = Egress("egress")
                    for path in sys.argv[3:]:
                        connection.request("GET", path, headers={"Accept": "application/json"})
                        answer = connection.getresponse()
                        print(answer.status, answer.read().decode().strip())
                else:
                    request = urllib.request.Request(sys.argv[2], data=b"{}", headers=dict([sys.argv[3].split(":")]))
                    with urllib.request.urlopen(request, timeout=20) as answer:
                        print(answer.status, answer.read().decode().strip())
            except urllib.error.HTTPError as error:
                print(error.code, error.read().decode().strip())
            except OSError as error:
                print(type(error).__name__)
            """

        private static func python(_ arguments: [String], groups: String, log: URL) async throws -> [String] {
            defer { try? FileManager.default.removeItem(at: log) }
            let process = try ChildProcess(
                try #require(Checkout.installed("setpriv")),
                [
                    "--reuid", "65534", "--regid", "65534", groups, try #require(Checkout.installed("python3")), "-c",
                    Self.script,
                ]
                    + arguments,
                environment: ["PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"],
                log: log
            )
            _ = try await process.waitForEnd()
            return process.logText.split(separator: "\n").map(String.init)
        }

        /// The directory that deploy/token-egress.tmpfiles makes, for a group that nobody is in.
        private struct Directory: Sendable {
            static let group: UInt32 = 64_999
            let path = "/tmp/egress-\(UUID().uuidString.prefix(8))"

            func make() throws {
                try FileManager.default.createDirectory(
                    atPath: self.path,
                    withIntermediateDirectories: false,
                    attributes: [.posixPermissions: 0o750, .groupOwnerAccountID: Self.group]
                )
            }
        }

        static func with(_ body: (Stack, String, Int) async throws -> Void) async throws {
            let directory = Directory()
            try directory.make()
            defer { try? FileManager.default.removeItem(atPath: directory.path) }
            let (api, listener, _) = try FreePorts.three()
            var options = Stack.Options()
            options.nginxExtraOf = { stack in
                for (name, text) in [
                    ("secret", "0123456789abcdef\n"),
                    (
                        "egress.json",
                        """
                        {"dropbox": {"token": "\(stack.vaultURL)/services/dropbox/tokens/sampleToken", "paths": ["/2/users/"],
                         "methods": ["GET", "POST"], "secretFile": "\(stack.path("secret"))"}}
                        """
                    ),
                ] {
                    try Data(text.utf8).write(to: stack.directory.appending(path: name))
                    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: stack.path(name))
                }
                return try EgressTests.api(port: api, stack: stack)
                    + EgressTests.site(socket: "\(directory.path)/s", stack: stack)
                    .replacing("# listen 127.0.0.1:8079;", with: "listen 127.0.0.1:\(listener);")
            }
            options.pageEnvironmentOf = { ["TOKEN_PAGE_EGRESS": $0.path("egress.json")] }
            try await Stack.with(options) { try await body($0, "\(directory.path)/s", listener) }
        }

        @Test func whoIsInTheGroupUsesTheTokenAndWhoIsNotIsRefusedByTheDirectory() async throws {
            try await Self.with { stack, socket, _ in
                let log = stack.directory.appending(path: "python")
                let member = try await Self.python(
                    ["unix", socket, "/2/users/get", "/2/users/list?a=1", "/2/files/delete"],
                    groups: "--groups=\(Directory.group)",
                    log: log
                )
                #expect(
                    member == [
                        "200 GET /2/users/get", "200 GET /2/users/list?a=1", "403 The rule does not allow this path.",
                    ]
                )
                let stranger = try await Self.python(
                    ["unix", socket, "/2/users/get"],
                    groups: "--clear-groups",
                    log: log
                )
                #expect(stranger == ["PermissionError"])
            }
        }

        @Test func overTCPItTakesTheSecret() async throws {
            try await Self.with { stack, _, port in
                let log = stack.directory.appending(path: "python")
                let url = "http://127.0.0.1:\(port)/2/users/get"
                let known = try await Self.python(
                    ["tcp", url, "X-Egress-Secret:0123456789abcdef"],
                    groups: "--clear-groups",
                    log: log
                )
                #expect(known == ["200 POST /2/users/get"])
                let unknown = try await Self.python(
                    ["tcp", url, "X-Egress-Secret:wrong"],
                    groups: "--clear-groups",
                    log: log
                )
                #expect(unknown == ["403 The header X-Egress-Secret is missing or wrong."])
                #expect(!stack.log("log/api.log").contains("0123456789abcdef"), "the secret does not go to the API")
            }
        }
    }
}
