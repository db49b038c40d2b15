import Foundation

/// The commands of a page of docs, and a machine that they can be run on: its folders and units are those of a test.
struct OperationGuide: Sendable {
    /// The commands below one heading, block by block.
    struct Section: Sendable {
        let heading: String
        var blocks: [String] = []
    }

    let sections: [Section]
    private let lane: VaultLane
    private let directory: URL

    /// Takes the commands out of a page; the places of a real machine become those of a test, first those that are named here.
    init(
        _ page: String = "vault-operation.md",
        lane: VaultLane,
        stack: Stack,
        places own: [(String, String)] = [],
        environment extra: [String: String] = [:],
        sudo: String = #"exec "$@""#
    ) async throws {
        self.lane = lane
        self.directory = lane.directory.appending(path: "guide")
        let page = Checkout.root.appending(path: "docs/\(page)")
        let places =
            own + [
                ("/var/lib/token-vault", lane.path("store")), ("/var/backups/token-vault", lane.path("backups")),
                ("/etc/token-vault/environment", lane.path("guide/environment")),
                ("/etc/token-vault/key", lane.path("vault.key")),
                ("--service dropbox --token sampleToken", "--service \(VaultLane.service) --token t"),
                ("file-with-the-passphrase", lane.path("guide/passphrase")), (" -o token-vault -g token-vault", ""),
                ("https://NAME.vault.azure.net", stack.emulatorURL),
            ]
        let text = places.reduce(try String(contentsOf: page, encoding: .utf8)) {
            $0.replacingOccurrences(of: $1.0, with: $1.1)
        }
        self.sections = Self.sections(of: text)
        try FileManager.default.createDirectory(
            at: self.directory.appending(path: "bin"),
            withIntermediateDirectories: true
        )
        try self.write("environment", try await self.environment(stack, extra))
        try self.write("passphrase", "correct horse battery staple\n")
        let program = Checkout.program("token-vault")
        try self.script("sudo", sudo)
        try self.script("vault", "set -a; . '\(lane.path("guide/environment"))'; set +a; exec '\(program)' \"$@\"")
        try self.script("systemctl", self.systemctl(program))
    }

    static func sections(of text: String) -> [Section] {
        var sections = [Section(heading: "")]
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = block {
                guard line != "```" else {
                    sections[sections.count - 1].blocks.append(lines.joined(separator: "\n"))
                    block = nil
                    continue
                }
                block?.append(line)
            } else if line == "```" {
                block = []
            } else if line.hasPrefix("#") {
                sections.append(Section(heading: line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)))
            }
        }
        return sections
    }

    private func environment(_ stack: Stack, _ extra: [String: String]) async throws -> String {
        let identity = try await stack.identityVariables(for: "app-service")
        return self.lane.environment.merging(identity) { $1 }.merging(extra) { $1 }.filter { $0.key != "PATH" }
            .map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n") + "\n"
    }

    /// Starts and stops the vault; the socket is the vault's own here, and goes with it.
    private func systemctl(_ program: String) -> String {
        let (socket, pid) = (self.lane.path(VaultLane.socket(0)), self.lane.path("guide/pid"))
        return """
            stop() {
                [ -f '\(pid)' ] || return 0
                kill "$(cat '\(pid)')" 2> /dev/null || true
                for _ in $(seq 400); do kill -0 "$(cat '\(pid)')" 2> /dev/null || break; sleep 0.05; done
                rm -f '\(pid)' '\(socket)'
            }
            start() {
                set -a; . '\(self.lane.path("guide/environment"))'; set +a
                setsid '\(program)' serve --socket '\(socket)' >> '\(self.lane.path("vault0.log"))' 2>&1 < /dev/null &
                echo $! > '\(pid)'
                for _ in $(seq 400); do [ -S '\(socket)' ] && return 0; sleep 0.05; done
                return 1
            }
            case $1 in
                stop) stop ;;
                start) start ;;
                restart) stop; start ;;
                *) exit 64 ;;
            esac
            """
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: self.directory.appending(path: name), atomically: true, encoding: .utf8)
    }

    private func script(_ name: String, _ text: String) throws {
        try self.write("bin/\(name)", "#!/bin/bash\nset -eu\n\(text)\n")
        chmod(self.lane.path("guide/bin/\(name)"), 0o755)
    }

    /// Runs the commands of one block, each of which has to succeed.
    ///
    /// - Returns: What they printed.
    func run(_ block: String) async throws -> String {
        let process = try ChildProcess(
            "/bin/bash",
            ["-euo", "pipefail", "-c", block],
            environment: ["PATH": "\(self.lane.path("guide/bin")):/usr/bin:/bin:/usr/sbin:/sbin"],
            log: self.directory.appending(path: "log-\(UUID().uuidString)")
        )
        let code = try await process.waitForEnd()
        guard code == 0 else {
            throw ChildProcess.Failure(
                description: "\(block)\nended with \(code ?? -1): \(process.logText)\n\(self.lane.log().suffix(2000))"
            )
        }
        return process.logText
    }
}
