import Foundation
import FoundationNetworking
import Testing

@testable import TokenTransport

/// Foundation's errors, with the texts that libcurl gives them.
@Suite struct TransportErrorURLErrorTests {
    @Test(arguments: [
        (URLError.Code.cannotFindHost, "Could not resolve host: host", TransportError.Reason.connection),
        (.networkConnectionLost, "Recv failure: Connection reset by peer", .connection),
        (.badServerResponse, "Empty reply from server", .connection),
        (.unknown, "Failed to connect to host port 81 after 1 ms: Couldn't connect to server", .connection),
        (.unknown, "transfer closed with 5 bytes remaining to read", .connection),
        (.unknown, "SSL certificate problem: self-signed certificate", .tls),
        (.unknown, "SSL: no alternative certificate subject name matches target host name 'host'", .tls),
        (.unknown, "error:0A000126:SSL routines::unexpected eof while reading", .tls),
        (.cannotConnectToHost, "Recv failure: Connection reset by peer", .connection),
        (.cannotConnectToHost, "SSL certificate problem: self-signed certificate", .tls),
    ])
    func anErrorIsNamedByItsReason(_ code: URLError.Code, _ text: String, _ reason: TransportError.Reason) throws {
        let url = try #require(URL(string: "http://host:81/?code=secret"))
        let userInfo: [String: Any] = [NSLocalizedDescriptionKey: text, NSURLErrorFailingURLErrorKey: url]
        let shown = TransportError(URLError(code, userInfo: userInfo), from: "host:81")
        #expect(shown.reason == reason)
        #expect(shown.description == "host:81 gave no answer: \(text).")
    }

    @Test(arguments: [
        (URLError.Code.unsupportedURL, "Received HTTP/0.9 when not allowed", "Received HTTP/0.9 when not allowed"),
        (.unknown, "Failed writing header", "Failed writing header"),
        (.cannotConnectToHost, "Malformed answer: its head is too long", "its head is too long"),
    ])
    func anAnswerThatNobodyCouldReadIsSaidToBeOne(_ code: URLError.Code, _ text: String, _ fault: String) {
        let shown = TransportError(URLError(code, userInfo: [NSLocalizedDescriptionKey: text]), from: "host:81")
        #expect(shown.reason == .malformedAnswer)
        #expect(shown.description == "host:81 sent an answer that cannot be read: \(fault).")
    }

    @Test func aSocketThatCouldNotBeMadeIsExplained() {
        let text = "Couldn't connect to server"
        let shown = TransportError(URLError(.unknown, userInfo: [NSLocalizedDescriptionKey: text]), from: "host:81")
        #expect(shown.reason == .connection)
        #expect(shown.description.contains("EMFILE"))
        #expect(shown.description.contains("LimitNOFILE"))
    }

    @Test func anErrorWhoseTextSaysLessThanItsCodeHasATextOfItsOwn() {
        let timeout = TransportError(URLError(.timedOut), from: "host:81")
        #expect(timeout.reason == .timeout)
        #expect(timeout.description == "host:81 gave no answer: connection timed out.")
        let refusal = TransportError(URLError(.cannotConnectToHost), from: "host:81")
        #expect(refusal.reason == .connection)
        #expect(refusal.description == "host:81 could not be reached: connection refused.")
    }

    @Test func anIPv6AddressThatFoundationCannotAskIsExplained() {
        let shown = TransportError(URLError(.badURL), from: "[::1]:81")
        #expect(shown.reason == .other)
        #expect(shown.description.contains("use a host name"))
    }
}
