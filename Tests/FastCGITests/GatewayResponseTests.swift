import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import TestSupport
import Testing

@testable import FastCGI

@Suite struct GatewayResponseTests {
    private static func text(_ response: Response, to method: HTTPRequest.Method = .get) async throws -> String {
        String(buffer: try await GatewayResponse(response, to: method).bytes)
    }

    @Test func headThenBody() async throws {
        let response = Response(
            status: .notFound,
            headers: [.contentType: "text/plain"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "gone"))
        )
        #expect(
            try await Self.text(response)
                == "Status: 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngone"
        )
    }

    @Test func aHeadRequestGetsTheLengthAndNoBody() async throws {
        let response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "four")))
        #expect(try await Self.text(response, to: .head) == "Status: 200 OK\r\nContent-Length: 4\r\n\r\n")
        let bare = Response(status: .ok, headers: [.contentLength: "77"])
        #expect(try await Self.text(bare, to: .head) == "Status: 200 OK\r\nContent-Length: 77\r\n\r\n")
    }

    @Test(arguments: [HTTPResponse.Status.noContent, .notModified])
    func someStatusesHaveNoBody(status: HTTPResponse.Status) async throws {
        let response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: "surplus")))
        #expect(try await Self.text(response) == "Status: \(status.code) \(status.reasonPhrase)\r\n\r\n")
    }

    @Test func aFalseLengthIsReplaced() async throws {
        let response = Response(
            status: .ok,
            headers: [.contentLength: "99", .transferEncoding: "chunked", .connection: "close"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "a"))
                try await writer.write(ByteBuffer(string: "bc"))
                try await writer.finish(nil)
            }
        )
        #expect(try await Self.text(response) == "Status: 200 OK\r\nContent-Length: 3\r\n\r\nabc")
    }

    @Test(arguments: [(200, "OK"), (418, "Client Error"), (599, "Server Error"), (399, "Redirection")])
    func aStatusAlwaysHasAPhrase(code: Int, phrase: String) async throws {
        let response = Response(status: HTTPResponse.Status(code: code))
        #expect(try await Self.text(response).hasPrefix("Status: \(code) \(phrase)\r\n"))
    }

    @Test func noHeaderCanBeInjected() async throws {
        let status = HTTPResponse.Status(code: 200, reasonPhrase: "OK\r\nX-Evil: 1")
        let response = Response(status: status, headers: [.location: "/a\r\nSet-Cookie: b=c\n\r\n<script>"])
        let text = try await Self.text(response)
        #expect(text.components(separatedBy: "\r\n").filter { !$0.isEmpty }.count == 3)
        #expect(!text.contains("\nSet-Cookie") && !text.contains("\nX-Evil"))
    }

    @Test func anErrorOfTheBodysWriterIsThrown() async {
        struct Broken: Error {}
        let response = Response(status: .ok, body: ResponseBody { _ in throw Broken() })
        await #expect(throws: Broken.self) { try await GatewayResponse(response, to: .get) }
    }
}
