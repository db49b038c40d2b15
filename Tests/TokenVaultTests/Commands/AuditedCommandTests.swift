import Foundation
import Testing
import VaultCore

@testable import TokenVault

/// Whatever an administrator changes at the command line is in the audit.
@Suite(.timeLimit(.minutes(5)))
struct AuditedCommandTests {
    private struct Row: Sendable {
        let arguments: [String]
        var input = ""
        /// Nil for a command that changes nothing.
        let action: AuditEntry.Action?
        var detail = ""
    }

    private static let url = "https://a.example/"
    private static let ids = ["--other-ids", "--tenant", "t", "--object", "o"]

    private static let rows: [Row] = [
        Row(arguments: ["store", "allow-return"], action: nil),
        Row(arguments: ["store", "allow-return", Self.url], action: .changeStore, detail: "added: \(Self.url)"),
        Row(arguments: ["service", "create", "new", "--provider", "p"], action: .putService, detail: "provider p"),
        Row(
            arguments: ["service", "set", "gh", "--provider", "github", "--client-id", "id"],
            input: "s3cret",
            action: .putService,
            detail: "provider, client or parameters; client secret"
        ),
        Row(arguments: ["service", "list"], action: nil),
        Row(arguments: ["service", "allow-return", "gh"], action: nil),
        Row(arguments: ["service", "allow-return", "gh", Self.url], action: .putService, detail: "added: \(Self.url)"),
        Row(
            arguments: ["service", "allow-return", "gh", "--remove", Self.url],
            action: .putService,
            detail: "taken away: \(Self.url)"
        ),
        Row(
            arguments: ["service", "secret", "add", "gh"],
            input: "s3cret-2",
            action: .putService,
            detail: "client secret added"
        ),
        Row(arguments: ["service", "secret", "list", "gh"], action: nil),
        Row(
            arguments: ["service", "secret", "remove", "gh", "--older"],
            action: .putService,
            detail: "taken away"
        ),
        Row(arguments: ["token", "create", "gh", "t"], action: .putToken),
        Row(arguments: ["token", "import", "gh", "t"], input: "s3cret-3", action: .importToken),
        Row(arguments: ["token", "list"], action: nil),
        Row(
            arguments: ["token", "allow-return", "gh", "t", Self.url],
            action: .putToken,
            detail: "added: \(Self.url)"
        ),
        Row(
            arguments: ["policy", "grant", "--permissions", "Get"] + Self.ids,
            action: .putPolicy,
            detail: "tenant t object o"
        ),
        Row(arguments: ["policy", "list"], action: nil),
        Row(arguments: ["policy", "revoke"] + Self.ids, action: .deletePolicy, detail: "tenant t object o"),
        Row(arguments: ["token", "delete", "gh", "t"], action: .deleteToken, detail: "grants not ended: 1 left"),
        Row(arguments: ["service", "delete", "new"], action: .deleteService),
    ]

    @Test func everyChangeHasAnEntryAndNothingElseHas() async throws {
        let files = try StoreFixture()
        try await files.makeStore()
        var count = 0
        for row in Self.rows {
            try await files.run(row.arguments, input: row.input)
            let lines = try await files.run("audit", "list")
            #expect(lines.count == count + (row.action == nil ? 0 : 1), "\(row.arguments)")
            count = lines.count
            guard let action = row.action else { continue }
            let fields = try #require(lines.last).components(separatedBy: "\t")
            #expect(Array(fields[1...3]) == ["local", "uid \(getuid())", action.rawValue], "\(row.arguments)")
            #expect(fields[7].contains(row.detail) || row.detail.isEmpty, "\(row.arguments): \(fields[7])")
        }
        #expect(!(try await files.run("audit", "list").joined().contains("s3cret")))
        try await files.run("audit", "verify")
    }
}
