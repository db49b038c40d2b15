import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// An attacker's checklist for somebody who has a login on the machine; each row is what is tried, and as whom.
    @Suite(.enabled(if: geteuid() == 0, "to be another user takes root")) struct LocalAttackTests {
        /// Says what came of it, in one word.
        private static let script = """
            import ctypes, os, socket, sys

            def connect(path):
                peer = socket.socket(socket.AF_UNIX)
                peer.settimeout(5)
                peer.connect(path)

            def trace(identifier):
                libc = ctypes.CDLL(None, use_errno=True)
                # PTRACE_ATTACH
                if libc.ptrace(16, int(identifier), None, None) != 0:
                    raise OSError(ctypes.get_errno(), "ptrace")

            def read_memory(identifier):
                with open(f"/proc/{identifier}/maps") as maps:
                    start = int(maps.readline().split("-")[0], 16)
                with open(f"/proc/{identifier}/mem", "rb") as memory:
                    memory.seek(start)
                    memory.read(16)

            attempts = {
                "connect": connect,
                "read": lambda path: open(path, "rb").read(),
                "list": os.listdir,
                "write": lambda path: open(path, "ab").close(),
                "remove": os.unlink,
                "link": lambda path: os.symlink("/etc/passwd", path + ".link"),
                "trace": trace,
                "memory": read_memory,
                "signal": lambda identifier: os.kill(int(identifier), 9),
            }
            try:
                attempts[sys.argv[1]](sys.argv[2])
                print("succeeded")
            except PermissionError:
                print("denied")
            except OSError as error:
                print(error)
            """

        private static func attempt(_ what: String, on target: String, as user: Int) async throws -> String {
            let log = FileManager.default.temporaryDirectory.appending(path: "attempt-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: log) }
            let identity = ["--reuid", String(user), "--regid", String(user), "--clear-groups"]
            let process = try ChildProcess(
                try #require(Checkout.installed("setpriv")),
                identity + [try #require(Checkout.installed("python3")), "-c", Self.script, what, target],
                environment: ["PATH": "/usr/bin:/bin"],
                log: log
            )
            _ = try await process.waitForEnd()
            return process.logText.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private static let stranger = 65_534
        private static let owner = 64_998

        /// A page that is another user than root, in a directory of its own.
        private static func withPage(
            _ body: (_ page: ChildProcess, _ socket: String, _ key: String) async throws -> Void
        ) async throws {
            let directory = URL(filePath: "/tmp/local-\(UUID().uuidString.prefix(8))")
            let path = { (name: String) in directory.appending(path: name).path(percentEncoded: false) }
            let owned: [FileAttributeKey: Any] = [
                .posixPermissions: 0o755, .ownerAccountID: Self.owner, .groupOwnerAccountID: Self.owner,
            ]
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true, attributes: owned)
            defer { try? FileManager.default.removeItem(at: directory) }
            let page = try ChildProcess(
                try #require(Checkout.installed("setpriv")),
                [
                    "--reuid", String(Self.owner), "--regid", String(Self.owner), "--clear-groups",
                    Checkout.program("token-page"), "--socket", path("s"),
                ],
                environment: [
                    "PATH": "/usr/bin:/bin", "TOKEN_VAULT_URL": "https://vault.example.com/services/a/tokens/b",
                    "TOKEN_PAGE_LOGIN": "true", "TOKEN_PAGE_SESSION_KEY_FILE": path("key"),
                    "TOKEN_PAGE_SECRET": "0123456789abcdef0123456789abcdef",
                    "TOKEN_PAGE_TEMPLATES": Checkout.root.appending(path: "www/templates").path(percentEncoded: false),
                ],
                log: directory.appending(path: "log")
            )
            do {
                let isUp = try await eventually { page.logText.contains("serving FastCGI") }
                #expect(isUp, "\(page.logText)")
                try await body(page, path("s"), path("key"))
                #expect(page.isRunning, "\(page.logText)")
            } catch {
                await page.stop()
                throw error
            }
            await page.stop()
        }

        @Test func anotherUserGetsAtNothingOfThePage() async throws {
            try await Self.withPage { page, socket, key in
                let process = "/proc/\(page.identifier)"
                let directory = URL(filePath: socket).deletingLastPathComponent().path(percentEncoded: false)
                for (name, what, target) in [
                    ("ask the page", "connect", socket),
                    ("read the key of sessions", "read", key),
                    ("replace the key of sessions", "write", key),
                    ("take the socket away", "remove", socket),
                    ("put a link beside the socket", "link", directory + "/x"),
                    ("read its settings", "read", process + "/environ"),
                    ("look at its files", "list", process + "/fd"),
                    ("read its memory", "memory", String(page.identifier)),
                    ("trace it", "trace", String(page.identifier)),
                    ("end it", "signal", String(page.identifier)),
                ] {
                    let outcome = try await Self.attempt(what, on: target, as: Self.stranger)
                    #expect(["denied", "[Errno 1] ptrace"].contains(outcome), "\(name): \(outcome)")
                }
            }
        }

        /// Other programs of the same user, as every site has that runs as the web server's.
        @Test func anotherProgramOfItsOwnUserReadsNeitherSettingsNorMemory() async throws {
            try await Self.withPage { page, _, _ in
                let process = "/proc/\(page.identifier)"
                for (name, what, target) in [
                    ("read its settings", "read", process + "/environ"),
                    ("look at its files", "list", process + "/fd"),
                    ("read its memory", "memory", String(page.identifier)),
                    ("trace it", "trace", String(page.identifier)),
                ] {
                    let outcome = try await Self.attempt(what, on: target, as: Self.owner)
                    #expect(["denied", "[Errno 1] ptrace"].contains(outcome), "\(name): \(outcome)")
                }
                let limits = try String(contentsOfFile: process + "/limits", encoding: .utf8)
                let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
                #expect(core.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"], "\(core)")
                let arguments = try String(contentsOfFile: process + "/cmdline", encoding: .utf8)
                #expect(!arguments.contains("0123456789abcdef"), "\(arguments)")
            }
        }

        private struct Trap: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// A command of the shell, in the directory, that prepares it.
            let preparation: String
            let sentence: String
        }

        private static let traps = [
            Trap(testDescription: "a link at the socket's path", preparation: "ln -s victim s", sentence: "s "),
            Trap(
                testDescription: "a link to nowhere at the socket's path",
                preparation: "ln -s nowhere s",
                sentence: "s "
            ),
            Trap(testDescription: "a file at the socket's path", preparation: "cp victim s", sentence: "s "),
            Trap(testDescription: "a directory at the socket's path", preparation: "mkdir s", sentence: "s "),
            Trap(
                testDescription: "a key that others may read",
                preparation: "printf '%064d' 0 >key; chmod 644 key",
                sentence: "TOKEN_PAGE_SESSION_KEY_FILE"
            ),
            Trap(
                testDescription: "a key that is a link",
                preparation: "printf '%064d' 0 >real; chmod 600 real; ln -s real key",
                sentence: "TOKEN_PAGE_SESSION_KEY_FILE"
            ),
            Trap(
                testDescription: "a key that somebody else may replace",
                preparation: "printf '%064d' 0 >key; chmod 600 key; chown 65534 key",
                sentence: "TOKEN_PAGE_SESSION_KEY_FILE"
            ),
        ]

        @Test(arguments: Self.traps)
        private func whatSomebodyElsePutThereIsRefusedAndLeft(trap: Trap) async throws {
            let directory = URL(filePath: "/tmp/trap-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = { (name: String) in directory.appending(path: name).path(percentEncoded: false) }
            let page = try ChildProcess(
                "/bin/sh",
                [
                    "-c", "cd \"$1\" && echo precious >victim && \(trap.preparation) && exec \"$0\" --socket \"$1/s\"",
                    Checkout.program("token-page"), path(""),
                ],
                environment: [
                    "PATH": "/usr/bin:/bin", "TOKEN_VAULT_URL": "https://vault.example.com/services/a/tokens/b",
                    "TOKEN_PAGE_LOGIN": "true", "TOKEN_PAGE_SESSION_KEY_FILE": path("key"),
                    "TOKEN_PAGE_TEMPLATES": Checkout.root.appending(path: "www/templates").path(percentEncoded: false),
                ],
                log: directory.appending(path: "log")
            )
            let code = try await page.waitForEnd()
            #expect([75, 78].contains(code), "\(page.logText)")
            #expect(page.logText.contains(trap.sentence), "\(page.logText)")
            #expect(try String(contentsOfFile: path("victim"), encoding: .utf8) == "precious\n")
        }
    }
}
