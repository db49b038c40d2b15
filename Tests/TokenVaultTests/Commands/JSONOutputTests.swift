import Foundation
import TestSupport
import Testing
import VaultCore
import VaultSQLite
import VaultTestSupport

@testable import TokenVault

/// What scripts get: the keys of docs/vault.md, whatever the command.
@Suite("--json")
struct JSONOutputTests {
    private static let principal = ["--tenant", TestIssuer.tenantID, "--object", TestIssuer.objectID]

    /// Commands in their order, what is piped into them, and the keys that their JSON has.
    private static let commands: [(arguments: [String], input: String, keys: Set<String>)] = [
        (
            ["store", "create", "--name", "test", "--create-key"], "",
            ["name", "database", "keyFile", "isNew", "isNewKeyFile"]
        ),
        (["service", "create", "empty", "--provider", "google"], "", ["name", "provider", "isNew"]),
        (
            ["service", "set", "gh", "--provider", "github", "--client-id", "id"], "s3cret",
            ["name", "isNew", "tokensInError"]
        ),
        (["service", "secret", "add", "gh"], "s3cret-2", ["fingerprint", "isNew"]),
        (["service", "secret", "list", "gh"], "", ["fingerprint", "isNewest", "createdOn"]),
        (["service", "allow-return", "gh", "https://a.example/"], "", ["authorizedPostRedirectUrls"]),
        (["store", "allow-return", "https://a.example/"], "", ["authorizedPostRedirectUrls"]),
        (
            ["token", "import", "gh", "sample", "--expires-in", "86400"], "the-token",
            ["service", "name", "version", "expiresOn"]
        ),
        (["token", "allow-return", "gh", "sample", "https://a.example/"], "", ["authorizedPostRedirectUrls"]),
        (
            ["service", "list"], "",
            [
                "name", "displayName", "provider", "clientId", "scopes", "parameters", "authorizedPostRedirectUrls",
                "clientSecrets", "tokens", "createdOn", "changedOn",
            ]
        ),
        (
            ["token", "list"], "",
            [
                "service", "name", "displayName", "state", "expiresOn", "nextRenewal", "authorizedPostRedirectUrls",
                "createdOn",
            ]
        ),
        (
            ["token", "show", "gh", "sample"], "",
            [
                "service", "name", "displayName", "state", "expiresOn", "nextRenewal", "authorizedPostRedirectUrls",
                "createdOn",
            ]
        ),
        (
            ["policy", "grant", "--permissions", "Get", "--service", "gh", "--token", "sample"] + principal, "",
            ["name", "service", "token", "tenantId", "objectId", "permissions"]
        ),
        (["policy", "list"], "", ["name", "service", "token", "tenantId", "objectId", "permissions"]),
        (["token", "create", "gh", "new"], "", ["service", "name", "isNew"]),
        (["provider", "list"], "", ["name", "displayName", "parameters", "scopes", "pkce", "renewWith"]),
        (["audit", "prune", "--older-than", "1"], "", ["before", "deleted", "freedBytes"]),
        (["audit", "verify"], "", ["verified", "pruned", "unchained", "broken", "findings"]),
        (
            ["audit", "list"], "",
            ["at", "tenantId", "objectId", "action", "service", "token", "outcome", "detail", "request"]
        ),
    ]

    @Test func everyCommandThatListsOrMakesSomethingSpeaksJSON() async throws {
        let files = try StoreFixture()
        for (arguments, input, keys) in Self.commands {
            let lines = try await files.run(arguments + ["--json"], input: input)
            let text = lines.first ?? ""
            let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let object = try #require(value as? [String: Any] ?? (value as? [[String: Any]])?.first, "\(arguments)")
            #expect(Set(object.keys) == keys, "\(arguments)")
            for secret in ["s3cret", "the-token"] { #expect(!lines.joined().contains(secret), "\(arguments)") }
        }
    }

    @Test(arguments: [["service", "list"], ["token", "list"], ["policy", "list"]])
    func nothingIsAnEmptyList(arguments: [String]) async throws {
        let files = try StoreFixture()
        try await files.makeStore()
        let text = try await files.run(arguments + ["--json"]).joined()
        #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any])?.isEmpty == true)
    }

    @Test func aFileOfRowsIsCheckedForAScript() async throws {
        let files = try StoreFixture()
        let path = files.directory.file("rows.json")
        try #"{"acme": {"extends": "google"}}"#.write(toFile: path, atomically: true, encoding: .utf8)
        let text = try await files.run("provider", "check", path, "--json").joined()
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(rows.count == 1)
        #expect(rows.first?["name"] as? String == "acme")
        #expect(rows.first?["isNew"] as? Bool == true)
    }

    @Test func aTableHoldsNoLineOfItsOwn() {
        let table = TextTable(["A", "B", "C"], [["x\ny", "\u{202e}evil", ""], ["longer", "b", "c"]])
        #expect(
            table.lines == ["A       B      C", "x\u{fffd}y     \u{fffd}evil", "longer  b      c"]
        )
    }
}
