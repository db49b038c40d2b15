import FastCGI
import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import TokenPage

/// The file that `TOKEN_PAGE_CREDENTIALS` names.
@Suite struct UnitRulesTests {
    private static func rules(_ text: String, mode: Int = 0o644) throws -> UnitRules {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        return try UnitRules(file: try directory.write(text, to: "units.json", mode: mode))
    }

    private static let url = "https://v.example/services/d/tokens/t"

    @Test(arguments: [
        ("backup.service", "dropbox", "https://v.example/services/d/tokens/1"),
        ("worker@a.service", "dropbox", "https://v.example/services/d/tokens/2"),
        // A unit's own rule is all that counts for it.
        ("worker@b.service", "other", "https://v.example/services/d/tokens/3"),
        ("worker@b.service", "dropbox", nil), ("backup.service", "github", nil), ("other.service", "dropbox", nil),
        ("backup@a.service", "dropbox", nil), ("worker.service", "dropbox", nil),
    ])
    func aUnitGetsWhatItsRuleNames(unit: String, credential: String, token: String?) throws {
        let rules = try Self.rules(
            #"""
            {"backup.service": {"dropbox": "https://v.example/services/d/tokens/1"},
             "worker@.service": {"dropbox": "https://v.example/services/d/tokens/2"},
             "worker@b.service": {"other": "https://v.example/services/d/tokens/3"}}
            """#
        )
        let request = UnitRequest(unit: unit, credential: credential)
        if let token {
            #expect(try rules.token(for: request).absoluteString == token)
        } else {
            let refusal = #expect(throws: UnitRefusal.self) { try rules.token(for: request) }
            #expect(refusal?.reason.contains(unit) == true)
        }
    }

    @Test(arguments: [
        ("[]", "must hold a JSON object"), ("{", "must hold a JSON object"),
        (#"{"backup":{"d":"\#(url)"}}"#, "not the name of a unit"),
        (#"{"a/b.service":{"d":"\#(url)"}}"#, "not the name of a unit"),
        (#"{"a.timer":{"d":"\#(url)"}}"#, "not the name of a unit"),
        (#"{"a.service":"\#(url)"}"#, "must be an object"), (#"{"a.service":{}}"#, "must be an object"),
        (#"{"a.service":{"a:b":"\#(url)"}}"#, "no name for one"), (#"{"a.service":{"":"\#(url)"}}"#, "no name for one"),
        (#"{"a.service":{"d":7}}"#, "needs, for d, the full URL"),
        (#"{"a.service":{"d":"http://v.example/t"}}"#, "needs, for d, the full URL"),
        (#"{"a.service":{"d":"https://v.example/t?x"}}"#, "needs, for d, the full URL"),
        (#"{"a.service":{"d":"https://v.example/"}}"#, "needs, for d, the full URL"),
        (#"{"\#(String(repeating: "u", count: 75)).service":{"d":"\#(url)"}}"#, "more than the 83 bytes"),
    ])
    func whatCannotBeUsedIsNamed(text: String, part: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.rules(text) }
        #expect(error.map { "\($0)".contains(part) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func theLongestNamesThatSystemdHasRoomForAreTaken() throws {
        let unit = String(repeating: "u", count: 74) + ".service"
        #expect(try Self.rules(#"{"\#(unit)":{"d":"\#(Self.url)"}}"#).tokens[unit] != nil)
    }

    @Test func aFileThatOthersCanWriteIsNotBelieved() {
        let error = #expect(throws: ConfigurationError.self) { try Self.rules("{}", mode: 0o666) }
        #expect(error.map { "\($0)".contains("chmod go-w") } == true)
        let missing = #expect(throws: ConfigurationError.self) { try UnitRules(file: "/no/such/file") }
        #expect(missing.map { "\($0)".contains("TOKEN_PAGE_CREDENTIALS names a file that does not exist") } == true)
    }

    @Test func theRulesAreInTheReport() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(#"{"backup.service": {"dropbox": "\#(Self.url)"}}"#, to: "units.json")
        let page = try PageVisit(environment: ["TOKEN_PAGE_CREDENTIALS": file]) { _ in .vault(token: "never") }.page
        let nowhere = CheckReport(page: page, address: nil).text
        #expect(nowhere.contains("units ask on:     nowhere yet"))
        #expect(nowhere.contains("unit backup.service: credential dropbox; \(Self.url)"))
        let text = CheckReport(page: page, address: nil, unitAddress: .unixSocket(path: "/run/x", mode: 0o600)).text
        #expect(text.contains("units ask on:     unix socket /run/x, mode 600"))
    }
}
