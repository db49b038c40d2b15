import Foundation
import Testing

/// The program itself, as a shell starts it.
@Suite("azure-token", .timeLimit(.minutes(20)))
struct AzureTokenTests {
    private func run(_ arguments: [String], environment: [String: String]) async throws -> (code: Int32?, text: String)
    {
        let log = FileManager.default.temporaryDirectory.appending(path: "azure-token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try ChildProcess(
            Checkout.program("azure-token"),
            arguments,
            environment: environment.merging(["PATH": "/nowhere"]) { $1 },
            log: log
        )
        return (try await process.waitForEnd(), process.logText)
    }

    @Test func itsExitCodesAreThoseThatAreDocumented() async throws {
        // Nobody listens on port 9, and no program is found.
        let nobody = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9"]
        let begin = ContinuousClock.now
        let failed = try await self.run(["get", "--resource", "https://vault.azure.net"], environment: nobody)
        #expect(failed.code == 1)
        #expect(failed.text.contains("Tried the following 3 methods"))
        // Nothing hangs, and nothing is waited for.
        #expect(begin.duration(to: .now) < .seconds(30))
        #expect(try await self.run(["get"], environment: nobody).code == 64)
        let bad = ["AzureServicesAuthConnectionString": "RunAs=Nobody"]
        #expect(try await self.run(["whoami"], environment: bad).code == 78)
        #expect(try await self.run(["--help"], environment: bad).code == 0)
    }

    /// An older `az` prints the local time alone; an hour from now, in each of these zones.
    @Test(arguments: ["JST-9", ":Asia/Tokyo", "Asia/Tokyo", "EST5EDT,M3.2.0,M11.1.0", "UTC0"])
    func aLocalTimeOfTheAzureCLIIsReadInTheZoneThatItRanIn(zone: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "az-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let az = folder.appending(path: "az")
        let script = """
            #!/bin/sh
            echo "{\\"accessToken\\": \\"opaque\\", \\"expiresOn\\": \\"$(date -d '+3600 seconds' '+%Y-%m-%d %H:%M:%S.000000')\\"}"
            """
        // Written by another process: a child that this one starts meanwhile would have the file open, and nothing could run it.
        let writer = try ChildProcess(
            "/bin/sh",
            ["-c", "printf '%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"", az.path(percentEncoded: false), script],
            environment: ["PATH": "/usr/bin:/bin"],
            log: folder.appending(path: "log")
        )
        #expect(try await writer.waitForEnd() == 0)
        let run = try await self.run(
            ["get", "--resource", "https://vault.azure.net", "-o", "json"],
            environment: [
                "TZ": zone, "AzureCLIPath": folder.path(percentEncoded: false),
                "AzureServicesAuthConnectionString": "RunAs=Developer;DeveloperTool=AzureCLI",
            ]
        )
        #expect(run.code == 0)
        let answer = try #require(JSONSerialization.jsonObject(with: Data(run.text.utf8)) as? [String: Any])
        let left = try #require(answer["expires_on"] as? Double) - Date().timeIntervalSince1970
        #expect((3_500...3_601).contains(left))
    }

    @Test func whatCannotBePrintedIsNoSuccess() async throws {
        let program = Checkout.program("azure-token")
        let log = FileManager.default.temporaryDirectory.appending(path: "azure-token-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", "exec \"$0\" --help > /dev/full", program],
            environment: [:],
            log: log
        )
        #expect(try await process.waitForEnd() == 74)
        #expect(process.logText.contains("Standard output cannot be written to: No space left on device."))
    }

    @Test func theDoctorOfAMachineWithoutIdentityNamesEveryHeading() async throws {
        let nobody = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9"]
        let doctor = try await self.run(["doctor", "-o", "json"], environment: nobody)
        #expect(doctor.code == 1)
        let headings = try String(contentsOf: Checkout.root.appending(path: "TROUBLESHOOTING.md"), encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("## ") }
            .map { $0.dropFirst(3).lowercased().replacing(" ", with: "-") }
        let helps = doctor.text.split(separator: "\n").compactMap { $0.split(separator: "TROUBLESHOOTING.md#").last }
            .filter { $0.hasSuffix("\",") && !$0.contains(" ") }.map { String($0.dropLast(2)) }
        #expect(helps.count >= 7)
        for help in helps { #expect(headings.contains(help)) }
    }
}
