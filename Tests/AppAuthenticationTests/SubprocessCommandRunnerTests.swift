import Foundation
import TestSupport
import Testing
import Waiting

@testable import AppAuthentication

/// Real programs.
///
/// One at a time: a script that is just being written cannot be run, not even by mistake of a neighbour's child that
/// still holds it open.
@Suite("SubprocessCommandRunner", .serialized, .timeLimit(.minutes(5)))
struct SubprocessCommandRunnerTests {
    private let runner = SubprocessCommandRunner()

    private func shell(
        _ script: String,
        environment: [String: String] = [:],
        timeout: Duration = .seconds(20),
        outputLimit: Int = 1 << 20
    ) -> Command {
        Command(
            "sh",
            arguments: ["-c", script],
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given },
            timeout: timeout,
            outputLimit: outputLimit
        )
    }

    private func withDirectory<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "auth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory)
    }

    /// Whether a process still runs; one that is dead but was not yet collected by its parent does not.
    private func isRunning(_ processID: String) -> Bool {
        // Without a number this would be the file of the whole machine.
        guard Int(processID) != nil else { return false }
        guard let status = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return false }
        let state = status.drop { $0 != ")" }.dropFirst(2).first
        return state != "Z" && state != "X"
    }

    private func waitUntilGone(_ processID: String) async throws {
        #expect(try await eventually { !self.isRunning(processID) })
    }

    private func processID(in file: URL) async throws -> String {
        var text = ""
        _ = try await eventually {
            text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.hasSuffix("\n")
        }
        return text.trimmed
    }

    @Test func aProgramDoesNotSeeWhereThisOneWasStarted() async throws {
        let result = try await self.runner.run(self.shell("pwd -P"))
        #expect(["/bin\n", "/usr/bin\n"].contains(result.standardOutput))
    }

    @Test func bothOutputsAndTheExitCodeAreCollected() async throws {
        let result = try await self.runner.run(self.shell("echo out; echo err >&2; exit 3"))
        #expect(result.exitCode == 3)
        #expect(result.standardOutput == "out\n")
        #expect(result.standardError == "err\n")
    }

    @Test func aSignalCountsAsShellsCountIt() async throws {
        #expect(try await self.runner.run(self.shell("kill -TERM $$")).exitCode == 143)
    }

    @Test func standardInputIsEmptyAndTheEnvironmentIsTheGivenOne() async throws {
        let environment = ["A": "ü b=c", "1FOR": "the shell that never sees it", "": "nothing"]
        let result = try await self.runner.run(self.shell("cat; echo \"$A|$HOME|\"", environment: environment))
        #expect(result.standardOutput == "ü b=c||\n")
    }

    @Test func outputOfManyPipesFullIsDrained() async throws {
        let result = try await self.runner.run(
            self.shell("head -c 400000 /dev/zero | tr '\\0' o; head -c 400000 /dev/zero | tr '\\0' e >&2")
        )
        #expect(result.standardOutput.utf8.count == 400_000)
        #expect(result.standardError.utf8.count == 400_000)
    }

    @Test func aMissingProgramIsNotFound() async {
        let command = Command("az-that-is-not-there", environment: ["PATH": "/usr/bin"], timeout: .seconds(20))
        await #expect(throws: CommandError.notFound) { try await self.runner.run(command) }
    }

    @Test func aProgramThatPrintsWithoutEndIsStopped() async {
        let start = ContinuousClock.now
        await #expect(throws: CommandError.outputTooLarge(limit: 1_000)) {
            try await self.runner.run(self.shell("yes", outputLimit: 1_000))
        }
        await #expect(throws: CommandError.outputTooLarge(limit: 1_000)) {
            try await self.runner.run(self.shell("yes >&2", outputLimit: 1_000))
        }
        // Either would have twenty.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func aProgramThatHangsIsKilledWithItsChildren() async throws {
        try await self.withDirectory { directory in
            let file = directory.appending(path: "pid")
            let start = ContinuousClock.now
            await #expect(throws: CommandError.timeout) {
                try await self.runner.run(
                    self.shell(
                        "trap '' TERM; sleep 60 & echo $! > \"$FILE\"; wait",
                        environment: ["FILE": file.path()],
                        // Long enough for the shell to come to its last command.
                        timeout: .seconds(4)
                    )
                )
            }
            // What it started would run for a minute.
            #expect(ContinuousClock.now - start < .seconds(40))
            let child = try await self.processID(in: file)
            #expect(!child.isEmpty)
            try await self.waitUntilGone(child)
        }
    }

    @Test func aCancelledTaskKillsTheProgramAtOnce() async throws {
        try await self.withDirectory { directory in
            let file = directory.appending(path: "pid")
            let command = self.shell(
                "sleep 60 & echo $! > \"$FILE\"; wait",
                environment: ["FILE": file.path()]
            )
            let task = Task { try await self.runner.run(command) }
            let child = try await self.processID(in: file)
            #expect(self.isRunning(child))
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(18))
            try await self.waitUntilGone(child)
        }
    }

    @Test(arguments: [false, true])
    func aChildThatCannotBeKilledKeepsNobodyForEver(isCancelled: Bool) async {
        let gate = SharedResult<Void>()
        let call = Task {
            try await SubprocessCommandRunner.bounded(by: .milliseconds(50), grace: .milliseconds(50)) {
                // Deaf to its own cancellation, as a child in the state D is.
                try await Task { try await gate.value }.value
            }
        }
        if isCancelled { call.cancel() }
        let outcome = await call.result
        #expect(throws: (any Error).self) { try outcome.get() }
        gate.complete(.success(()))
    }

    @Test func aTaskThatIsCancelledAlreadyLeavesNothingBehind() async throws {
        try await self.withDirectory { directory in
            let file = directory.appending(path: "pid")
            let command = self.shell("echo $$ > \"$FILE\"; exec sleep 60", environment: ["FILE": file.path()])
            let start = ContinuousClock.now
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await self.runner.run(command)
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(18))
            if let text = try? String(contentsOf: file, encoding: .utf8) { try await self.waitUntilGone(text.trimmed) }
        }
    }

    @Test func aChildThatKeepsTheOutputOpenDoesNotHoldUpTheAnswer() async throws {
        try await self.withDirectory { directory in
            let file = directory.appending(path: "pid")
            let start = ContinuousClock.now
            let result = try await self.runner.run(
                self.shell("sleep 30 & echo $! > \"$FILE\"; echo done", environment: ["FILE": file.path()])
            )
            #expect(result.standardOutput == "done\n")
            #expect(ContinuousClock.now - start < .seconds(18))
            // It is a child of this test's own shell, left behind on purpose.
            let child = try await self.processID(in: file)
            _ = try await self.runner.run(self.shell("kill \(child)"))
        }
    }

    @Test func theCLIOnItsOwnPathIsRunWithoutAShell() async throws {
        try await self.withDirectory { directory in
            let script = directory.appending(path: "script")
            let text = """
                #!/bin/sh
                printf '%s\\n' "$@" > "\(directory.path())/arguments"
                cat <<'END'
                \(Sample.cliAnswer().standardOutput)
                END
                """
            try text.write(to: script, atomically: true, encoding: .utf8)
            // A program that this process has written may be open for writing in a child that another test just forked, and
            // cannot be run then; a copy that a child makes cannot be.
            let copied = try await self.runner.run(
                self.shell("install -m 755 \"$FILE\" \"${FILE%script}az\"", environment: ["FILE": script.path()])
            )
            #expect(copied.exitCode == 0)
            let credential = AzureCLICredential(
                dependencies: .fake(
                    environment: ["AzureCLIPath": directory.path(), "PATH": "/usr/bin:/bin"],
                    commandRunner: self.runner
                )
            )
            let token = try await credential.token(for: Sample.context(tenantID: "T"))
            #expect(token.principal.userPrincipalName == "a@b.c")
            let arguments = try String(contentsOf: directory.appending(path: "arguments"), encoding: .utf8)
            #expect(
                arguments == "account\nget-access-token\n-o\njson\n--resource\n\(Sample.vault)\n--tenant\nT\n"
            )
        }
    }
}
