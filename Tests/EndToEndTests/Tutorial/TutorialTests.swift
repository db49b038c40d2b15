import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The tutorial, followed literally.
    @Suite struct TutorialTests {
        private static let file = Checkout.root.appending(path: "docs/tutorial.md")
        private static let needs = [
            "needs Azure", "needs a machine with systemd", "needs a name in the DNS", "needs minutes", "yours",
        ]

        /// This checkout as it is now, as a repository that can be cloned.
        private static func repository(in directory: URL) async throws -> URL {
            let repository = directory.appending(path: "origin")
            let script = """
                set -eo pipefail
                mkdir origin
                (cd "$ROOT" && git ls-files -z -co --exclude-standard | while IFS= read -r -d '' file; do
                    if [ -e "$file" ]; then printf '%s\\0' "$file"; fi
                done | tar --create --null --files-from=-) | tar --extract --directory=origin
                cd origin
                git init --quiet
                git add --all
                git -c user.name=t -c user.email=t@example.com commit --quiet --message=all
                """
            let child = try ChildProcess(
                "/bin/bash",
                ["-c", "cd '\(directory.path(percentEncoded: false))'\n" + script],
                environment: [
                    "PATH": "/usr/bin:/bin", "ROOT": Checkout.root.path(percentEncoded: false),
                    "HOME": directory.path(percentEncoded: false), "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
                ],
                log: directory.appending(path: "origin.log")
            )
            guard try await child.waitForEnd(within: .seconds(300)) == 0 else {
                throw ChildProcess.Failure(description: child.logText)
            }
            return repository
        }

        /// In the place of a release build, which takes many minutes, the programs that were built with these tests.
        private static let build = """
            mkdir -p .build
            ln -s '\(URL(filePath: Checkout.program("token-page")).deletingLastPathComponent().path(percentEncoded: false))' \
            .build/release
            swift --version > .build/release-stamp 2>/dev/null
            """

        private static func person(
            _ block: String,
            in directory: URL,
            as newcomer: Newcomer
        ) async throws -> String {
            guard block.hasPrefix("git clone ") else { return try await newcomer.type(block) }
            let lines = block.split(separator: "\n")
            _ = try await newcomer.type((lines.dropLast() + [""]).joined(separator: "\n") + Self.build)
            return try await newcomer.type(lines.suffix(1).joined())
        }

        @Test func everyCommandIsShellAndEveryReasonNotToRunOneIsKnown() async throws {
            let blocks = try TutorialText(of: Self.file).blocks
            #expect(blocks.filter { $0.need == nil }.count >= 7)
            for block in blocks {
                if let need = block.need { #expect(Self.needs.contains(need)) }
                let check = try ChildProcess(
                    "/bin/bash",
                    ["-n", "-c", block.commands],
                    environment: [:],
                    log: FileManager.default.temporaryDirectory.appending(path: "tutorial-\(UUID().uuidString)")
                )
                #expect(try await check.waitForEnd() == 0, "\(block.commands)\n\(check.logText)")
            }
        }

        @Test func whatNeedsNoAzureWorks() async throws {
            let directory = FileManager.default.temporaryDirectory.appending(
                path: "tutorial \(UUID().uuidString.prefix(8))"
            )
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let newcomer = try Newcomer(
                directory: directory,
                repository: try await Self.repository(in: directory),
                port: try FreePorts.row(of: 3)
            )
            do {
                try await Self.follow(newcomer, in: directory)
            } catch {
                await newcomer.leave()
                throw error
            }
            await newcomer.leave()
        }

        private static func follow(_ newcomer: Newcomer, in directory: URL) async throws {
            var applicationID = ""
            for block in try TutorialText(of: Self.file).blocks where block.need == nil {
                let text = try await Self.person(block.commands, in: directory, as: newcomer)
                let page = try? await Browser.get(newcomer.pageURL).visibleText
                switch block.commands {
                case let commands where commands.hasPrefix("git clone"):
                    #expect(page?.contains("Something went wrong: This connection is not authenticated.") == true)
                    let pageURL = newcomer.pageURL
                    let shown = try await Chromium.with { chromium in
                        try chromium.open(pageURL)
                        try chromium.click("#log-in")
                        _ = try chromium.evaluate("document.querySelector('[value=bob]').checked = true")
                        try chromium.click("button[value=allow]")
                        return try chromium.text()
                    }
                    #expect(shown.contains("Token:") && shown.contains("Type:App"), "\(shown)")
                case let commands where commands.contains("Accept: application/json"):
                    #expect(text.contains(#""principalUsed":"IsAuthenticated:True Type:App"#))
                    #expect(!text.contains(#""token":null"#))
                case let commands where commands.contains("azure-token whoami"):
                    #expect(text.contains("Type:App"))
                case let commands where commands.contains("azure-token get"):
                    #expect(text.lowercased().contains(#""accesstoken":"#), "\(text)")
                case let commands where commands.hasPrefix("app="):
                    applicationID = try await newcomer.type("echo $app").trimmingCharacters(in: .whitespacesAndNewlines)
                    #expect(applicationID.count == 36)
                case let commands where commands.contains("RunAs=App;AppId="):
                    #expect(page?.contains("Type:App AppId:\(applicationID)") == true, "\(page ?? "")")
                case let commands where commands.contains("azure-token doctor"):
                    #expect(text.contains("Managed identity"))
                default: break
                }
            }
        }
    }
}
