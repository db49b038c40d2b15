import Foundation
import Testing

@testable import TokenVault

/// The built program, as a shell runs it.
struct ExecutableTests {
    private struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    private func run(
        _ arguments: [String],
        environment: [String: String],
        input: String = ""
    ) async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("token-vault")
        process.arguments = arguments
        process.environment = environment
        let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
        process.standardInput = pipes.input
        process.standardOutput = pipes.output
        process.standardError = pipes.errors
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                try pipes.input.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try pipes.input.fileHandleForWriting.close()
            } catch {
                // Without a process nobody calls the handler; with one, its end does.
                if !process.isRunning {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
            }
        }
        return Result(
            status: status,
            output: String(decoding: pipes.output.fileHandleForReading.availableData, as: UTF8.self),
            errors: String(decoding: pipes.errors.fileHandleForReading.availableData, as: UTF8.self)
        )
    }

    @Test func aTokenIsImportedFromStandardInput() async throws {
        let files = try StoreFixture()
        let create = try await self.run(
            ["store", "create", "--name", "test", "--create-key"],
            environment: files.environment
        )
        #expect(create.status == 0)
        #expect(create.output.hasSuffix("Made the store test.\n"))
        let service = ["service", "create", "dropbox", "--provider", "dropbox"]
        #expect(try await self.run(service, environment: files.environment).status == 0)
        let imported = try await self.run(
            ["token", "import", "dropbox", "sample"],
            environment: files.environment,
            input: "the-secret\n"
        )
        #expect(imported.status == 0)
        #expect(imported.output == "Imported the access token of dropbox/sample, version 2, no expiry known.\n")
        #expect(!imported.errors.contains("the-secret"))
    }

    @Test func aBadSettingEndsWithCode78AndOneLine() async throws {
        let result = try await self.run(["serve"], environment: [:])
        #expect(result.status == 78)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("token-vault: TOKEN_VAULT_STORE is not set"))
        #expect(result.errors.split(separator: "\n").count == 1)
    }

    @Test func asACGIProgramItSaysThatItCannotBeOneWhateverTheCommandLineSays() async throws {
        let result = try await self.run(
            ["store", "create", "--name", "evil", "--create-key"],
            environment: ["GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/healthz"]
        )
        #expect(result.status == 78)
        #expect(result.errors.hasPrefix("token-vault: token-vault cannot be run as a CGI program"))
    }

    @Test func helpIsNoFailure() async throws {
        let result = try await self.run(["--help"], environment: [:])
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: token-vault <subcommand>"))
    }

    @Test func aMistakeOnTheCommandLineEndsWithCode64() async throws {
        let result = try await self.run(["token", "fly"], environment: [:])
        #expect(result.status == 64)
    }
}
