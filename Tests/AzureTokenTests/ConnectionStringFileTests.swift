import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureToken

@Suite("ConnectionStringFile")
struct ConnectionStringFileTests {
    private static func withFile(
        _ text: String,
        mode: Int = 0o600,
        _ body: (String) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "azure-token-\(UUID().uuidString)")
        let path = file.path(percentEncoded: false)
        #expect(
            FileManager.default.createFile(
                atPath: path,
                contents: Data(text.utf8),
                attributes: [.posixPermissions: mode]
            )
        )
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(path)
    }

    @Test func itWinsOverTheEnvironment() async throws {
        try await Self.withFile(" RunAs=Developer;DeveloperTool=AzureCLI\n") { path in
            let run = await Run(
                ["whoami", "--connection-string-file", path],
                environment: ["AzureServicesAuthConnectionString": "nonsense"]
            )
            #expect(run.exitCode == 0)
            #expect(run.output.contains("Azure CLI"))
        }
    }

    @Test func oneThatOthersCanReadIsRefused() async throws {
        try await Self.withFile("RunAs=App;AppKey=s3cret", mode: 0o644) { path in
            let run = await Run(["get", "--resource", "r", "--connection-string-file", path])
            #expect(run.exitCode == 78)
            #expect(run.errors.contains("run chmod 600 on it"))
            #expect(!run.errors.contains("s3cret"))
        }
    }

    @Test func oneThatIsEmptyOrMissingIsNamed() async throws {
        try await Self.withFile("\n") { path in
            _ = #expect(throws: ConfigurationError("\(path) is empty: put a connection string into it.")) {
                try ConnectionStringFile.read(path: path)
            }
        }
        #expect(throws: ConfigurationError("/nowhere cannot be read: No such file or directory.")) {
            try ConnectionStringFile.read(path: "/nowhere")
        }
    }

    /// As a shell hands over what another command prints: `--connection-string-file <(…)`.
    @Test func aPipeIsReadToItsEnd() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("RunAs=App\n".utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(try ConnectionStringFile.read(path: path) == "RunAs=App")
    }
}
