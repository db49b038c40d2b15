import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What the programs do where the machine lacks something.
    @Suite struct ProgramStartTests {
        private static let programs = ["token-page", "token-vault", "azure-emulator", "azure-token"]
        private static let vaultURL = "https://vault.example.com/services/dropbox/tokens/sample"

        /// Runs a program from a shell, which first takes something away.
        private func end(
            _ program: String,
            _ arguments: [String],
            after preparation: String,
            environment: [String: String] = [:]
        ) async throws -> (code: Int32?, text: String) {
            let log = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: log) }
            let process = try ChildProcess(
                "/bin/sh",
                ["-c", "\(preparation) && exec \"$0\" \"$@\"", Checkout.program(program)] + arguments,
                environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 },
                log: log
            )
            return (try await process.waitForEnd(), process.logText)
        }

        @Test(arguments: Self.programs)
        func versionIsTold(program: String) async throws {
            let end = try await self.end(program, ["--version"], after: "true")
            #expect(end.code == 0)
            #expect(end.text == "\(program) 0.1.0\n")
        }

        @Test(.enabled(if: geteuid() == 0, "to take /proc away takes root"), arguments: Self.programs)
        func withoutProcHelpIsShownAndTheRestIsRefusedInASentence(program: String) async throws {
            let preparation = "mount --make-rprivate / && mount -t tmpfs none /proc"
            func unshared(_ arguments: [String]) async throws -> (code: Int32?, text: String) {
                let log = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)")
                defer { try? FileManager.default.removeItem(at: log) }
                let command = "\(preparation) && exec \"$0\" \"$@\""
                let process = try ChildProcess(
                    "/usr/bin/unshare",
                    ["-m", "/bin/sh", "-c", command, Checkout.program(program)] + arguments,
                    environment: ["PATH": "/usr/bin:/bin"],
                    log: log
                )
                return (try await process.waitForEnd(), process.logText)
            }
            for question in ["--help", "--version"] {
                let end = try await unshared([question])
                #expect(end.code == 0, "\(question): \(end.text)")
            }
            let wrong = try await unshared(["--no-such-option"])
            #expect(wrong.code == 64)
            let end = try await unshared(program == "azure-token" ? ["whoami"] : [])
            #expect(end.code == 75)
            #expect(end.text.hasPrefix("\(program): /proc is not mounted"), "\(end.text)")
        }

        @Test(arguments: Self.programs, [4, 8, 16, 31])
        func withFewDescriptorsAProgramSaysSo(program: String, limit: Int) async throws {
            let arguments = program == "azure-token" ? ["whoami"] : ["--tcp", "127.0.0.1:1"]
            let end = try await self.end(program, arguments, after: "ulimit -n \(limit)")
            #expect(end.code == 75)
            #expect(
                end.text.hasPrefix("\(program): This process may have \(limit) files open, and needs 32"),
                "\(end.text)"
            )
            #expect(try await self.end(program, ["--help"], after: "ulimit -n \(limit)").code == 0)
        }

        @Test(arguments: [
            ("token-page", ["--check", "--tcp", "127.0.0.1:1"]), ("token-vault", ["provider", "list"]),
            ("azure-emulator", ["principal"]), ("azure-emulator", ["env"]),
        ])
        func whatCannotBePrintedIsNoSuccess(program: String, arguments: [String]) async throws {
            let state = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: state) }
            let environment = [
                "TOKEN_VAULT_URL": Self.vaultURL,
                "TOKEN_PAGE_TEMPLATES": Checkout.root.appending(path: "www/templates").path(percentEncoded: false),
                "AZURE_EMULATOR_STATE": state.path(percentEncoded: false),
            ]
            let end = try await self.end(program, arguments, after: "exec >/dev/full", environment: environment)
            #expect(end.code == 74, "\(end.text)")
            #expect(
                end.text.contains("Standard output cannot be written to: No space left on device."),
                "\(end.text)"
            )
        }

        @Test(arguments: Self.programs, ["--help", "--version"])
        func helpThatCannotBePrintedIsNoSuccess(program: String, question: String) async throws {
            let end = try await self.end(program, [question], after: "exec >/dev/full")
            #expect(end.code == 74)
            #expect(
                end.text == "\(program): Standard output cannot be written to: No space left on device.\n",
                "\(end.text)"
            )
        }

        @Test(arguments: [
            "exec <&-", "exec >&-", "exec 2>&-", "exec <&- >&-", "exec <&- >&- 2>&-", "unset HOME",
            "export TZ=/nowhere",
            "export TZ=:Mars/Phobos LC_ALL=xx_YY HOME=/dev/null/home TMPDIR=/dev/null/tmp", "ulimit -f 0",
            "cd /proc/self",
        ])
        func whatAStartFindsMissingEndsNoProgramByASignal(preparation: String) async throws {
            for program in Self.programs {
                let arguments =
                    program == "azure-token" ? ["whoami", "--tenant", "x"] : ["--check", "--tcp", "127.0.0.1:1"]
                let environment = [
                    "TOKEN_VAULT_URL": Self.vaultURL,
                    "AzureServicesAuthConnectionString": "RunAs=Developer; DeveloperTool=AzureCli",
                ]
                let end = try await self.end(program, arguments, after: preparation, environment: environment)
                let code = try #require(end.code, "\(program) hangs")
                #expect(code < 128, "\(program): \(end.text)")
            }
        }

        @Test func anImportFromAClosedStandardInputSaysThatThereIsNothing() async throws {
            let directory = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let environment = [
                "TOKEN_VAULT_STORE": directory.appending(path: "store/v.sqlite").path(percentEncoded: false),
                "TOKEN_VAULT_KEY_FILE": directory.appending(path: "key").path(percentEncoded: false),
            ]
            let commands = [
                ["store", "create", "--name", "test", "--create-key"],
                ["service", "create", "dropbox", "--provider", "dropbox"],
            ]
            for arguments in commands {
                let end = try await self.end("token-vault", arguments, after: "true", environment: environment)
                #expect(end.code == 0, "\(end.text)")
            }
            let end = try await self.end(
                "token-vault",
                ["token", "import", "dropbox", "sample"],
                after: "exec <&-",
                environment: environment
            )
            #expect(end.code != 0)
            #expect(end.text.hasPrefix("token-vault: Standard input is empty: pipe the access token"), "\(end.text)")
        }

        @Test(arguments: [SIGHUP, SIGUSR2, SIGALRM, SIGUSR1, SIGQUIT, SIGINT, SIGTERM])
        func noSignalOfAnAdministratorLeavesTheSocketBehind(signal: Int32) async throws {
            let directory = FileManager.default.temporaryDirectory.appending(
                path: "signal-\(UUID().uuidString.prefix(8))"
            )
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let socket = directory.appending(path: "s").path(percentEncoded: false)
            let process = try ChildProcess(
                Checkout.program("token-page"),
                ["--socket", socket],
                environment: [
                    "PATH": "/usr/bin:/bin", "TOKEN_VAULT_URL": Self.vaultURL,
                    "TOKEN_PAGE_TEMPLATES": Checkout.root.appending(path: "www/templates").path(percentEncoded: false),
                ],
                log: directory.appending(path: "log")
            )
            _ = try await eventually { process.logText.contains("serving FastCGI") }
            process.signal(signal)
            if [SIGHUP, SIGUSR2, SIGALRM].contains(signal) {
                #expect(try await eventually { process.logText.contains("ignored a signal") })
                #expect(process.isRunning)
                process.signal(SIGTERM)
            }
            #expect(try await process.waitForEnd() == 0, "\(process.logText)")
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }
}
