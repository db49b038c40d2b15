import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import FastCGI

@Suite struct GatewayResponseTests {
    private static func text(_ status: HTTPResponse.Status, _ fields: HTTPFields = [:], body: String = "") -> String {
        let response = GatewayResponse(status: status, fields: fields, body: ByteBuffer(string: body))
        return String(decoding: response.head, as: UTF8.self) + String(buffer: response.body)
    }

    @Test func headThenBody() {
        #expect(
            Self.text(.notFound, [.contentType: "text/plain"], body: "gone")
                == "Status: 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngone"
        )
    }

    @Test(arguments: [(77, "Content-Length: 77\r\n"), (nil, "")])
    func anAnswerWithoutBodyMaySayHowLongItWouldBe(length: Int?, line: String) {
        let response = GatewayResponse(status: .ok, fields: [.contentLength: "5"], withoutBodyOfLength: length)
        #expect(String(decoding: response.head, as: UTF8.self) == "Status: 200 OK\r\n\(line)\r\n")
        #expect(response.body.readableBytes == 0)
    }

    @Test func fieldsAboutTheConnectionAreTheWebServersMatter() {
        let fields: HTTPFields = [.contentLength: "99", .transferEncoding: "chunked", .connection: "close"]
        #expect(Self.text(.ok, fields, body: "abc") == "Status: 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    }

    @Test(arguments: [(200, "OK"), (418, "Client Error"), (599, "Server Error"), (399, "Redirection")])
    func aStatusAlwaysHasAPhrase(code: Int, phrase: String) {
        #expect(Self.text(HTTPResponse.Status(code: code)).hasPrefix("Status: \(code) \(phrase)\r\n"))
    }

    @Test func noHeaderCanBeInjected() {
        let status = HTTPResponse.Status(code: 200, reasonPhrase: "OK\r\nX-Evil: 1")
        let text = Self.text(status, [.location: "/a\r\nSet-Cookie: b=c\n\r\n<script>"])
        #expect(text.components(separatedBy: "\r\n").filter { !$0.isEmpty }.count == 3)
        #expect(!text.contains("\nSet-Cookie") && !text.contains("\nX-Evil"))
    }
}
