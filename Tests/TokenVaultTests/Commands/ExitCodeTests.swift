import ArgumentParser
import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultTestSupport

@testable import TokenVault

/// 64 for what is wrong with a command line, 78 for a setting, 1 for what does not go with the store.
@Suite("Exit codes of token-vault")
struct ExitCodeTests {
    private static let ids = ["--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID]

    /// A command line that is right, with the names that the store has, and wrong ones of the same command.
    private struct Row: Sendable {
        let right: [String]
        let wrong: [[String]]
        var input = ""
    }

    private static let rows: [Row] = [
        Row(
            right: ["serve", "--check"],
            wrong: [["serve", "--tcp", "nowhere"], ["serve", "--socket", "a", "--tcp", "b"]]
        ),
        Row(right: ["store", "create", "--name", "test"], wrong: [["store", "create", "--name", "a b"]]),
        Row(
            right: ["store", "allow-return"],
            wrong: [["store", "allow-return", "ftp://a/"], ["store", "allow-return", "--remove"]]
        ),
        Row(
            right: ["service", "create", "new", "--provider", "p"],
            wrong: [["service", "create", "a/b", "--provider", "p"], ["service", "create", "a", "--provider", "?"]]
        ),
        Row(
            right: ["service", "set", "gh", "--scope", "repo"],
            wrong: [
                ["service", "set", "a b"], ["service", "set", "new"], ["service", "set", "gh", "--parameter", "x"],
                ["service", "set", "gh", "--provider", "nobody", "--client-id", "i"],
                ["service", "set", "gh", "--provider", "zendesk", "--client-id", "i"],
                ["service", "set", "gh", "--return-url", "http://a/"],
                ["service", "set", "gh", "--clear", "everything"],
                ["service", "set", "gh", "--client-id", "other", "--keep-secret"],
            ],
            input: "s"
        ),
        Row(right: ["service", "secret", "add", "gh"], wrong: [["service", "secret", "add", "a b"]], input: "one"),
        Row(right: ["service", "secret", "list", "gh"], wrong: [["service", "secret", "list", ""]]),
        Row(
            right: ["service", "secret", "remove", "gh", "--older"],
            wrong: [["service", "secret", "remove", "gh"], ["service", "secret", "remove", "gh", "ab", "--older"]]
        ),
        Row(
            right: ["service", "allow-return", "gh"],
            wrong: [["service", "allow-return", "gh", "https://u@a/"], ["service", "allow-return", "."]]
        ),
        Row(right: ["service", "list"], wrong: [["service", "list", "gh"]]),
        Row(right: ["service", "delete", "other"], wrong: [["service", "delete", "a/b"]]),
        Row(right: ["provider", "list"], wrong: [["provider", "list", "--yaml"]]),
        Row(right: ["provider", "check", "ROWS"], wrong: [["provider", "check"]]),
        Row(
            right: ["policy", "grant", "--permissions", "Get"] + ids,
            wrong: [
                ["policy", "grant", "--permissions", "Fly"] + ids, ["policy", "grant", "--permissions", ","] + ids,
                ["policy", "grant", "--permissions", "Get", "--tenant", "a", "--object", "b"],
                ["policy", "grant", "--permissions", "Get", "--token", "t"] + ids,
                ["policy", "grant", "--permissions", "Get", "--service", "a b"] + ids,
            ]
        ),
        Row(right: ["policy", "list"], wrong: [["policy", "list", "--token", "t"]]),
        Row(
            right: ["policy", "revoke"] + ids,
            wrong: [["policy", "revoke", "--everywhere", "--service", "gh"] + ids, ["policy", "revoke"]]
        ),
        Row(
            right: ["token", "import", "gh", "t"],
            wrong: [
                ["token", "import", "gh", "a b"], ["token", "import", "gh", "t", "--expires-in", "0"],
                ["token", "import", "gh", "t", "--expires-on", "soon"],
                ["token", "import", "gh", "t", "--expires-on", "2001-01-01T00:00:00Z"],
            ],
            input: "secret"
        ),
        Row(right: ["token", "create", "gh", "new"], wrong: [["token", "create", "gh", "a b"]]),
        Row(right: ["token", "list"], wrong: [["token", "list", "--service", "a b"]]),
        Row(right: ["token", "show", "gh", "t"], wrong: [["token", "show", "gh"], ["token", "show", "gh", "a b"]]),
        Row(
            right: ["token", "allow-return", "gh", "t"],
            wrong: [["token", "allow-return", "gh", "t", "javascript:1"], ["token", "allow-return", "gh", ""]]
        ),
        Row(right: ["token", "delete", "gh", "t"], wrong: [["token", "delete", "gh", "a b"]]),
        // Right is tried with a provider, in LoginAdministrationTests.
        // It asks an issuer; DoctorCommandTests tries it.
        Row(right: [], wrong: [["doctor", "--timeout", "0"]]),
        Row(right: [], wrong: [["token", "import-refresh", "gh", "a b"], ["token", "import-refresh", "gh", "t"]]),
        Row(
            right: ["forecast", "--secret-days", "10"],
            wrong: [["forecast", "--within", "0"], ["forecast", "--key-days", "x"]]
        ),
        Row(right: ["audit", "verify"], wrong: [["audit", "verify", "--head", "1-2-3"]]),
        Row(right: ["audit", "head"], wrong: [["audit", "head", "1"]]),
        Row(right: ["audit", "fingerprint"], wrong: [["audit", "fingerprint", "token"]], input: "token"),
        // Right is tried in StoreCopyCommandTests.
        Row(right: [], wrong: [["store", "copy"], ["store", "copy", "x"]]),
        Row(right: ["audit", "accept-clock"], wrong: [["audit", "accept-clock", "x"]]),
        Row(right: ["store", "accept-copy"], wrong: [["store", "accept-copy", "x"]]),
        Row(right: ["key", "list"], wrong: [["key", "list", "x"]]),
        Row(right: ["key", "rotate"], wrong: [["key", "rotate", "x"]]),
        // Right is tried in KeyRewrapCommandTests, and with real vaults.
        Row(right: [], wrong: [["key", "rewrap"], ["key", "rewrap", "--key-file", "a", "--key-vault-key", "b"]]),
        Row(right: ["backup", "BACKUP"], wrong: [["backup"]]),
        Row(right: [], wrong: [["restore"]]),
        Row(
            right: ["export", "ARCHIVE", "--all"],
            wrong: [["export", "a"], ["export", "a", "--all", "--service", "gh"], ["export", "a", "--token", "t"]],
            input: "correct horse battery staple"
        ),
        Row(right: [], wrong: [["import", "a"]], input: "short"),
        Row(right: ["audit", "list"], wrong: [["audit", "list", "--before", "yesterday"]]),
        Row(
            right: ["audit", "prune", "--older-than", "1"],
            wrong: [
                ["audit", "prune"], ["audit", "prune", "--older-than", "0"],
                ["audit", "prune", "--before", "2999-01-01"],
            ]
        ),
    ]

    private static func code(of arguments: [String], in files: StoreFixture, input: String) async -> Int32 {
        do {
            try await files.run(arguments, input: input)
            return 0
        } catch let error as any ProgramError {
            return error.exitStatus.rawValue
        } catch {
            return TokenVaultCommand.exitCode(for: error).rawValue
        }
    }

    private static func store() async throws -> StoreFixture {
        let files = try StoreFixture()
        try await files.makeStore()
        let github = ["service", "set", "gh", "--provider", "github", "--client-id", "id"]
        try await files.run(github, input: "secret")
        try await files.run("service", "create", "other", "--provider", "google")
        return files
    }

    @Test func everyCommandTellsItsCommandLineFromTheSettings() async throws {
        let files = try await Self.store()
        let rows = files.directory.file("rows.json")
        try "{}".write(toFile: rows, atomically: true, encoding: .utf8)
        for row in Self.rows {
            for wrong in row.wrong {
                let code = await Self.code(
                    of: wrong,
                    in: files,
                    input: wrong.contains("import-refresh") ? "" : row.input
                )
                #expect(code == 64, "\(wrong)")
            }
            guard !row.right.isEmpty else { continue }
            let paths = ["ROWS": rows, "BACKUP": files.directory.file("b"), "ARCHIVE": files.directory.file("a")]
            let right = row.right.map { paths[$0] ?? $0 }
            #expect(await Self.code(of: right, in: files, input: row.input) == 0, "\(right)")
        }
    }

    @Test func withoutItsSettingsEveryCommandEndsWith78() async throws {
        let files = try StoreFixture(environment: ["TOKEN_VAULT_PROVIDERS": "/dev/null/none"])
        for row in Self.rows where !row.right.isEmpty {
            #expect(await Self.code(of: row.right, in: files, input: row.input) == 78, "\(row.right)")
        }
    }

    @Test func theTableHasEveryCommand() {
        func leaves(_ command: any ParsableCommand.Type, _ path: [String]) -> [[String]] {
            let children = command.configuration.subcommands
            guard !children.isEmpty else { return [path] }
            return children.flatMap { leaves($0, path + [$0._commandName]) }
        }
        let missing = leaves(TokenVaultCommand.self, []).filter { path in
            !Self.rows.contains { row in row.wrong.contains { $0.starts(with: path) } }
        }
        #expect(missing.isEmpty)
    }

    @Test(arguments: [
        ["service", "secret", "list", "none"], ["service", "delete", "none"], ["service", "allow-return", "none"],
        ["token", "show", "gh", "none"], ["token", "delete", "gh", "none"], ["token", "allow-return", "gh", "none"],
        ["token", "import", "none", "t"], ["token", "list", "--service", "none"], ["policy", "revoke"] + ids,
        ["policy", "grant", "--permissions", "Get", "--service", "none"] + ids,
        ["service", "create", "gh", "--provider", "google"],
    ])
    func aNameThatIsNotThereIsAFailureOfItsOwn(arguments: [String]) async throws {
        #expect(await Self.code(of: arguments, in: try await Self.store(), input: "secret") == 1)
    }
}
