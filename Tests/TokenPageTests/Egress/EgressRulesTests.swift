import Foundation
import ProgramSupport
import Testing

@testable import TokenPage

/// The file that `TOKEN_PAGE_EGRESS` names.
@Suite struct EgressRulesTests {
    private static func rules(_ text: String, mode: Int = 0o644) throws -> EgressRules {
        let directory = FileManager.default.temporaryDirectory.appending(path: "egress-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "egress.json").path(percentEncoded: false)
        try Data(text.replacing("@DIRECTORY@", with: directory.path(percentEncoded: false)).utf8)
            .write(to: URL(filePath: file))
        try Data("0123456789abcdef\n".utf8).write(to: directory.appending(path: "secret"))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: directory.appending(path: "secret").path(percentEncoded: false)
        )
        return try EgressRules(file: file, credentialsDirectory: nil)
    }

    @Test func whatIsLeftOutHasTheNarrowestValue() throws {
        let rule = try #require(
            try Self.rules(#"{"dropbox":{"token":"https://v.example/services/d/tokens/t","paths":["/2/"]}}"#)
                .rules["dropbox"]
        )
        #expect(rule.methods == ["GET", "HEAD"])
        #expect(rule.authorization == .standard)
        #expect(rule.secret == nil)
        #expect(rule.hosts == ["egress", "localhost", "127.0.0.1", "[::1]"])
    }

    @Test func everyKeyIsRead() throws {
        let text = #"""
            {"git": {"token": "http://127.0.0.1:1/services/g/tokens/t", "paths": ["/user"], "methods": ["PATCH"],
             "hosts": ["Git.Internal"], "authorization": "token {token}", "secretFile": "@DIRECTORY@/secret"}}
            """#
        let rule = try #require(try Self.rules(text).rules["git"])
        #expect(rule.methods == ["PATCH"])
        #expect(rule.hosts == ["git.internal"])
        #expect(rule.authorization.value(token: "x") == "token x")
        #expect(rule.secret?.matches("0123456789abcdef") == true)
    }

    @Test(arguments: [
        ("[]", "must hold a JSON object"), ("{", "must hold a JSON object"), (#"{"a":1}"#, "must be an object"),
        (#"{"a":{"paths":["/"],"token":"https://v.example/t","pathes":[]}}"#, "unknown key pathes"),
        (#"{"a":{"token":"https://v.example/t"}}"#, "needs paths"),
        (#"{"a":{"token":"https://v.example/t","paths":["x"]}}"#, "needs paths"),
        (#"{"a":{"paths":["/"]}}"#, "needs token"),
        (#"{"a":{"paths":["/"],"token":"http://v.example/t"}}"#, "needs token"),
        (#"{"a":{"paths":["/"],"token":"https://v.example/t","methods":["get"]}}"#, "methods that are none"),
        (#"{"a":{"paths":["/"],"token":"https://v.example/t","methods":[]}}"#, "methods that are none"),
        (#"{"a":{"paths":["/"],"token":"https://v.example/t","authorization":"Bearer"}}"#, "needs {token}"),
        (#"{"a":{"paths":"/","token":"https://v.example/t"}}"#, "needs a list of texts in paths"),
        (#"{"a":{"paths":["/"],"token":"https://v.example/t","secretFile":"/no/such"}}"#, "does not exist"),
        (#"{"a b":{}}"#, "white space"),
    ])
    func whatCannotBeUsedIsNamed(text: String, part: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.rules(text) }
        #expect(error.map { "\($0)".contains(part) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func aFileThatOthersCanWriteIsNotBelieved() {
        let error = #expect(throws: ConfigurationError.self) { try Self.rules("{}", mode: 0o666) }
        #expect(error.map { "\($0)".contains("chmod go-w") } == true)
    }
}
