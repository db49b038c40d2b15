import Foundation
import OAuthWire
import Testing

@testable import AppAuthentication

@Suite("ToolText")
struct ToolTextTests {
    private static let answer = "{\"accessToken\": \"t\", \"tenant\": \"x\"}"

    /// What stands around the answer on real machines.
    @Test(arguments: [
        "\(answer)", "\u{FEFF}\(answer)", "WARNING: a new version is there.\n\(answer)", "\(answer)\nhave a nice day",
        "Welcome {user} to {host!}\n\(answer)",
        "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"hi\"}}\n\(answer)",
        "{ not json }\n\(answer)", "{}\n\(answer)", "{\"unfinished\": \"\n\(answer)", "\r\n\r\n\(answer)\r\n",
        "\u{1B}[33mWARNING\u{1B}[0m\n\u{1B}[1;32m\(answer)\u{1B}[0m",
        "\u{1B}]0;title\u{07}\u{1B}]8;;https://x\u{1B}\\\(answer)", "\u{1B}[?25l\u{1B}(B\(answer)\u{1B}[?25h",
        "\u{9B}1m\(answer)",
        "{\u{1B}[34;1m\"accessToken\"\u{1B}[0m: \u{1B}[32m\"t\"\u{1B}[0m, \"tenant\": \"x\"}",
    ])
    func theAnswerIsFoundWhateverStandsAroundIt(text: String) throws {
        let response = try ToolText(text).tokenResponse()
        #expect(response.accessToken?.value == "t")
        #expect(response.tenantID == "x")
    }

    @Test func bracesInTextsAreNoBraces() {
        let objects = ToolText("x{\"a\":\"}{\\\"}\",\"b\":{\"c\":1}}{\"d\":2}").objects
        #expect(
            objects.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":\"}{\\\"}\",\"b\":{\"c\":1}}", "{\"d\":2}"]
        )
    }

    @Test(arguments: ["", "hello", "{", "}", "[1]", "\u{1B}", "\u{1B}[", "\u{1B}]", "{\"a\":", "\u{9B}"])
    func withoutAnObjectThereIsNoAnswer(text: String) {
        #expect(throws: TokenFormatError.notAnObject) { try ToolText(text).tokenResponse() }
    }

    @Test(.timeLimit(.minutes(5))) func aMegabyteOfBracesTakesNoTime() {
        #expect(ToolText(String(repeating: "{", count: 1 << 20)).objects.isEmpty)
        #expect(ToolText(String(repeating: "{}", count: 1 << 12)).objects.count == 1 << 12)
    }
}
