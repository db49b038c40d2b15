import Foundation
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("HTTPAnswerParser")
struct HTTPAnswerParserTests {
    private static func answer(_ text: String, isOver: Bool = false) throws -> TransportResponse? {
        try HTTPAnswerParser.answer(in: Array(text.utf8), isOver: isOver)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", false, 200, "ab"),
            ("HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nabc", false, 200, "ab"),
            ("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", false, 404, ""),
            ("HTTP/1.0 500 Oh\r\n\r\nall of it", true, 500, "all of it"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n",
                false, 200, "a0123456789"
            ),
        ] as [(String, Bool, Int, String)]
    )
    func aWholeAnswerIsRead(text: String, isOver: Bool, status: Int, body: String) throws {
        let answer = try #require(try Self.answer(text, isOver: isOver))
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\nmore may come",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nab",
    ])
    func aPartOfAnAnswerIsNone(text: String) throws {
        #expect(try Self.answer(text) == nil)
    }

    @Test(arguments: [
        "SSH-2.0-x\r\n\r\n", "\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 two\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    ])
    func whatIsNoHTTPIsRefused(text: String) {
        #expect(throws: TransportError.self) { try Self.answer(text, isOver: true) }
    }
}
