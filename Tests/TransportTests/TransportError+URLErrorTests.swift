import Foundation
import FoundationNetworking
import Testing

@testable import Transport

/// Foundation's errors, with the texts that libcurl gives them.
@Suite struct TransportErrorURLErrorTests {
    @Test(arguments: [
        (URLError.Code.timedOut, "x", TransportError.Reason.timeout, "host:81 gave no answer: connection timed out."),
        (.cannotConnectToHost, "x", .connection, "host:81 could not be reached: connection refused."),
        (.cannotFindHost, "Could not resolve host: host", .connection, nil),
        (.networkConnectionLost, "Recv failure: Connection reset by peer", .connection, nil),
        (.badServerResponse, "Empty reply from server", .connection, nil),
        (.unknown, "Failed to connect to host port 81 after 1 ms: Couldn't connect to server", .connection, nil),
        (.unknown, "transfer closed with 5 bytes remaining to read", .connection, nil),
        (.unknown, "SSL certificate problem: self-signed certificate", .tls, nil),
        (.unknown, "SSL: no alternative certificate subject name matches target host name 'host'", .tls, nil),
        (.unknown, "error:0A000126:SSL routines::unexpected eof while reading", .tls, nil),
        (.unsupportedURL, "Received HTTP/0.9 when not allowed", .other, nil),
        (.unknown, "Failed writing header", .other, nil),
    ])
    func anErrorIsNamedByItsReason(
        _ code: URLError.Code,
        _ text: String,
        _ reason: TransportError.Reason,
        _ description: String?
    ) {
        let error = URLError(
            code,
            userInfo: [
                NSLocalizedDescriptionKey: text,
                NSURLErrorFailingURLStringErrorKey: "http://host:81/?code=secret",
            ]
        )
        let shown = TransportError(error, from: "host:81")
        #expect(shown.reason == reason)
        #expect(shown.description == description ?? "host:81 gave no answer: \(text).")
    }

    @Test func anIPv6AddressThatFoundationCannotAskIsExplained() {
        let shown = TransportError(URLError(.badURL), from: "[::1]:81")
        #expect(shown.reason == .other)
        #expect(shown.description.contains("use localhost"))
    }
}
