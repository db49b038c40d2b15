import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// git itself clones over https from a server that wants the vault's token.
    @Suite struct GitCredentialTests {
        private struct World: Sendable {
            let stack: Stack
            let port: Int
            let environment: [String: String]

            /// Runs git, and returns how it ended and what it said.
            func git(_ arguments: [String]) async throws -> (code: Int32?, text: String) {
                let git = try #require(Checkout.installed("git"))
                let log = self.stack.directory.appending(path: "git-\(UUID().uuidString)")
                let process = try ChildProcess(git, arguments, environment: self.environment, log: log)
                return (try await process.waitForEnd(), process.logText)
            }

            func clone(from host: String = "127.0.0.1", to name: String) async throws -> (code: Int32?, text: String) {
                let helper =
                    "\(Checkout.program("azure-token")) vault git-credential --host 127.0.0.1:\(self.port) "
                    + "\(self.stack.vaultURL)/services/dropbox/tokens/sampleToken"
                return try await self.git([
                    "-c", "credential.helper=\(helper)", "clone", "--quiet", "https://\(host):\(self.port)/project.git",
                    self.stack.path(name),
                ])
            }
        }

        /// nginx with a certificate of its own, which gives the files of a repository to who has the token.
        private static func server(port: Int, stack: Stack) throws -> String {
            let openssl = try #require(Checkout.installed("openssl"))
            let process = Process()
            process.executableURL = URL(filePath: openssl)
            process.arguments = [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=git", "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", stack.path("git.key"), "-out",
                stack.path("git.pem"),
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            let password = Data("x-access-token:\(stack.sampleToken)".utf8).base64EncodedString()
            return """
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate git.pem;
                    ssl_certificate_key git.key;
                    access_log log/git.log;
                    root \(stack.path("repositories"));
                    location / {
                        add_header WWW-Authenticate 'Basic realm="git"' always;
                        if ($http_authorization != "Basic \(password)") { return 401; }
                    }
                }
                """
        }

        private static func with(_ body: (World) async throws -> Void) async throws {
            let port = try FreePorts.three().0
            var options = Stack.Options()
            options.nginxExtraOf = { try Self.server(port: port, stack: $0) }
            try await Stack.with(options) { stack in
                var environment = try await stack.identityVariables(for: "app-service")
                environment.merge([
                    "PATH": "/usr/bin:/bin", "HOME": stack.path(""), "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_TERMINAL_PROMPT": "0",
                    "GIT_SSL_CAINFO": stack.path("git.pem"), "AZURE_AUTHORITY_HOST": stack.emulatorURL + "/",
                    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a",
                    "GIT_COMMITTER_EMAIL": "a@b.c",
                ]) { $1 }
                let world = World(stack: stack, port: port, environment: environment)
                let repository = stack.path("repositories/project.git")
                for arguments in [
                    ["init", "--quiet", stack.path("work")],
                    ["-C", stack.path("work"), "commit", "--quiet", "--allow-empty", "--message", "the first"],
                    ["clone", "--quiet", "--bare", stack.path("work"), repository],
                    ["-C", repository, "update-server-info"],
                ] {
                    let result = try await world.git(arguments)
                    try #require(result.code == 0, "\(arguments): \(result.text)")
                }
                try await body(world)
            }
        }

        @Test func gitClonesWithATokenThatTheVaultHandsOutThen() async throws {
            try await Self.with { world in
                let clone = try await world.clone(to: "clone")
                #expect(clone.code == 0, "\(clone.text)")
                #expect(!clone.text.contains(world.stack.sampleToken))
                let log = try await world.git(["-C", world.stack.path("clone"), "log", "--format=%s"])
                #expect(log.text == "the first\n")
                // It lies nowhere: neither in the clone nor in a file of git's.
                let settings = try String(contentsOfFile: world.stack.path("clone/.git/config"), encoding: .utf8)
                #expect(!settings.contains(world.stack.sampleToken))
                #expect(world.stack.log("log/git.log").contains(" 401 "), "git asks without a password first")
            }
        }

        @Test func anotherHostGetsNoToken() async throws {
            try await Self.with { world in
                let clone = try await world.clone(from: "localhost", to: "clone")
                #expect(clone.code == 128)
                #expect(clone.text.contains("terminal prompts disabled"))
                #expect(!world.stack.log("log/git.log").contains(" 200 "))
            }
        }

        @Test func whenTheVaultIsAwayGitEndsWithTheReason() async throws {
            try await Self.with { world in
                try await world.stack.stop("vault")
                let clone = try await world.clone(to: "clone")
                #expect(clone.code == 128)
                #expect(clone.text.contains("azure-token: "))
                #expect(clone.text.contains("told us to quit"))
            }
        }
    }
}
