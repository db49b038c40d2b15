import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// A machine that has no identity: how long that takes to find out, how often, and what it leaves behind.
    @Suite struct NoIdentityTests {
        /// A folder with an `az` of our own, and how often that was started.
        private struct AzureCLI {
            let folder: URL

            init(_ script: String) throws {
                self.folder = FileManager.default.temporaryDirectory.appending(path: "az-\(UUID().uuidString)")
                try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
                let program = self.folder.appending(path: "az")
                let path = self.folder.path(percentEncoded: false)
                try "#!/bin/sh\necho $$ >> \(path)/started\n\(script)\n"
                    .replacing("FOLDER", with: path)
                    .write(to: program, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o700],
                    ofItemAtPath: program.path(percentEncoded: false)
                )
            }

            func remove() { try? FileManager.default.removeItem(at: self.folder) }

            /// The numbers that the script has written into a file.
            func processes(_ name: String = "started") -> [Int] {
                let text = try? String(contentsOf: self.folder.appending(path: name), encoding: .utf8)
                return (text ?? "").split(separator: "\n").compactMap { Int($0) }
            }
        }

        /// A page without the emulator's identity, with a metadata service that never answers and this `az`.
        private static func options(metadata: LoopbackServer, azureCLI: AzureCLI) -> Stack.Options {
            var options = Stack.Options()
            options.withheld = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]
            options.pageEnvironment = [
                "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:\(metadata.port)",
                "AzureCLIPath": azureCLI.folder.path(percentEncoded: false),
            ]
            return options
        }

        @Test func theFirstPageWaitsASecondAndTheNextOnesDoNot() async throws {
            let metadata = try LoopbackServer(.silence)
            defer { metadata.stop() }
            let azureCLI = try AzureCLI("echo \"ERROR: Please run 'az login' to setup account.\" >&2\nexit 1")
            defer { azureCLI.remove() }
            try await Stack.with(Self.options(metadata: metadata, azureCLI: azureCLI)) { stack in
                var waits: [Duration] = []
                for visit in 1...4 {
                    // A failure stands for a second.
                    if visit > 1 { try await Task.sleep(for: .seconds(1.1)) }
                    let page = try await Browser.get(stack.pageURL + "/")
                    waits.append(page.elapsed)
                    #expect(page.status == 502)
                    let text = page.visibleText
                    for reason in [
                        "Tried the following 3 methods to get an access token, but none of them worked.",
                        "Unable to connect to the Instance Metadata Service (IMDS). Skipping request to the Managed "
                            + "Service Identity (MSI) token endpoint.",
                        "Tried to get token using Azure CLI. Access token could not be acquired. "
                            + "ERROR: Please run 'az login' to setup account.",
                        "Tried to get token using Active Directory Integrated Authentication.",
                    ] {
                        #expect(text.contains(reason))
                    }
                    #expect(metadata.statistics.requestCount == 1)
                    // That nobody has signed in may be otherwise at the next visit.
                    #expect(azureCLI.processes().count == visit)
                }
                // That the probe has one second, others look at; here, that nothing else waits on the way.
                #expect(waits.allSatisfy { $0 < .seconds(20) }, "\(waits)")
            }
        }

        @Test func anAzureCLIThatHangsCostsItsLimitOnceAndNoThread() async throws {
            let metadata = try LoopbackServer(.silence)
            defer { metadata.stop() }
            // It does not listen to a polite request, and has started something itself.
            let azureCLI = try AzureCLI("trap '' TERM\nsleep 100000 &\necho $! >> FOLDER/children\nwait")
            defer { azureCLI.remove() }
            try await Stack.with(Self.options(metadata: metadata, azureCLI: azureCLI)) { stack in
                let page = try stack.process("page")
                let before = try #require(page.usage).threads
                let visits = Task { try await Crowd.visit(port: stack.port, count: 20) }
                let hangs = try await eventually { !azureCLI.processes("children").isEmpty }
                #expect(hangs)
                var during = 0
                for _ in 0..<20 {
                    #expect(try await Browser.get(stack.pageURL + "/healthz").status == 200)
                    during = max(during, try #require(page.usage).threads)
                    try await Task.sleep(for: .milliseconds(50))
                }
                let first = try await visits.value
                #expect(first.count == 20)
                for visit in first {
                    #expect(visit.status == 502)
                    #expect(visit.text.contains("Process took too long to return the token."))
                }
                #expect(azureCLI.processes().count == 1)
                for process in azureCLI.processes() + azureCLI.processes("children") {
                    #expect(try await eventually { !Self.isRunning(process) })
                }

                // The failure itself stands for a second.
                try await Task.sleep(for: .seconds(1.1))
                let next = try await Browser.get(stack.pageURL + "/")
                #expect(next.status == 502)
                #expect(next.visibleText.contains("so it was not started again."))
                // Anything below the twenty seconds of another hanging one will do.
                #expect(next.elapsed < .seconds(19))
                #expect(azureCLI.processes().count == 1)
                #expect(metadata.statistics.requestCount == 1)
                let after = try #require(page.usage).threads
                // Those of the HTTP client and of Dispatch come and go; twenty visitors would show.
                #expect(during < before + 10)
                #expect(after < before + 10)
            }
        }

        /// Whether a process still runs; one that is dead but was not yet collected by its parent does not.
        private static func isRunning(_ process: Int) -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
                return false
            }
            let state = status.drop { $0 != ")" }.dropFirst(2).first
            return state != "Z" && state != "X"
        }
    }
}
