import Foundation
import TestSupport
import Testing
import TokenTransport

/// Heads of answers that are not written as RFC 9112 wants them, or that are none.
///
/// Foundation alone ends the process on some, and refuses others that hold a token all the same.
@Suite struct AnswerHeadTests {
    let transport = URLSessionTransport()

    private func answer(_ text: Data, timeout: Duration = .seconds(20)) async throws -> TransportResponse {
        let server = try LoopbackServer(.bytes(text, thenClose: true))
        defer { server.stop() }
        return try await self.transport.send(to: server, timeout: timeout)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length:2\r\n\r\nhi",
        "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1  200  OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.0 200 OK\n\nhi",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: \t 02 \t\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-Blank:\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-Blank:   \r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-Tab:\t\tvalue\t\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-Space : value\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\n: no name\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX Y: two words\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-(odd): value\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nX-Fold: one\r\n two\r\n\t three\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 Straße\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 100\r\n\r\nHTTP/1.1 102\r\nX:1\r\n\r\nHTTP/1.1 200\r\nContent-Length:2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum:1\r\nX:\u{FC}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLocation: //ho%20st/\r\n\r\nhi",
    ])
    func aTokenBehindAnOddHeadIsRead(_ text: String) async throws {
        let response = try await self.answer(Data(text.utf8))
        #expect(response.status == 200)
        #expect(response.body == Data("hi".utf8))
    }

    @Test func valuesKeepTheirText() async throws {
        let head = "HTTP/1.1 200 OK\r\nX-Fold: one\r\n  two \r\nX-UTF: \u{FC}\r\nX-Latin: "
        let response = try await self.answer(
            Data(head.utf8) + [0xFC, 0x01] + Data("x\r\nX-Blank:\r\nContent-Length: 0\r\n\r\n".utf8)
        )
        #expect(response.header("X-Fold") == "one two")
        #expect(response.header("X-UTF") == "\u{FC}")
        #expect(response.header("X-Latin") == "\u{FC} x")
        #expect(response.header("X-Blank") == "")
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", TransportError.Reason.connection, "closed within the head"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", .connection, "closed within the head"),
        ("HTTP/1.1 100 Continue\r\n\r\n", .connection, "Empty reply"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhi", .malformedAnswer, "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775296\r\n\r\nhi", .malformedAnswer, "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: +9223372036854775807\r\n\r\nhi", .malformedAnswer, "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length : +9223372036854775296\r\n\r\nhi", .malformedAnswer, "Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2 9223372036854775807\r\n\r\nhi", .malformedAnswer, "Content-Length"),
        ("HTTP/1.1 302 Found\r\nLocation: //ho%20st/\r\nContent-Length: 0\r\n\r\n", .malformedAnswer, "Location"),
        ("HTTP/1.1 000 What\r\nContent-Length: 2\r\n\r\nhi", .malformedAnswer, "response code"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\nhi", .malformedAnswer, "colon"),
        ("<html>no head</html>", .malformedAnswer, "HTTP/0.9"),
    ])
    func whatCannotBeReadIsNamed(_ text: String, _ reason: TransportError.Reason, _ fault: String) async throws {
        let error = try await #require(throws: TransportError.self) { try await self.answer(Data(text.utf8)) }
        #expect(error.reason == reason, "\(error)")
        #expect(error.description.contains(fault), "\(error)")
    }

    @Test func aHeadWithoutEndIsRefusedAtOnce() async throws {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "a:b\r\n", count: 50_000)
        let error = try await #require(throws: TransportError.self) { try await self.answer(Data(text.utf8)) }
        #expect(error.reason == .malformedAnswer)
        #expect(error.description.hasSuffix("sent an answer that cannot be read: its head is too long."))
    }

    /// Each part of an answer, in spellings that a server, a proxy or an attacker may find.
    static let malformed: [Data] = {
        let statuses = ["HTTP/1.1 200 OK", "HTTP/1.1 302 Found", "HTTP/1.1 204", "HTTP/1.1 999 X", "HTTP/1.1 2000 OK"]
        let fields = [
            "Content-Length: 9223372036854775807", "Content-Length: 9223372036854775808", "Content-Length: -1",
            "Content-Length: 99999999999999999999999", "Content-Length: 2, 3", "Content-Length: 0x2", "Content-Length:",
            "Content-Length: +9223372036854775807", "Content-Length : +9223372036854775807", "Content-Length: +2",
            "Content-Length: \t +9223372036854775807 \t", "Content-Length: 2 3", "Content-Length:   ",
            "Content-Length: + 9223372036854775807", "Content-Length: 2, +9223372036854775807", "Content-Length: 2, 2",
            "Content-Length: 2\r\n +9223372036854775807", "Content-Length:\r\n +9223372036854775807",
            "Content-Length: \u{B}+9223372036854775807", "Content-Length: \u{A0}+9223372036854775807",
            "Content-Length: 2\r\nContent-Length: +9223372036854775807",
            "Content-Length: 2\r\nContent-Length: 9223372036854775000", "Content-Length: 000000000000000000000000002",
            "Location: //ho%20st/", "Location: http://ho%20st/", "Location: //h:99999/", "Location: //h:-1/",
            "Location: //",
            "Location: ///a", "Location: //[::1", "Location: //[zz]/", "Location: /a?%zz#%", "Location: ?%",
            "Location: \\\\h",
            "Location: http:", "Location: http:a b", "Location: %", "Location: ://", "Location: /\r\nLocation: //a%20b",
            "Location: //\u{FC}/", "Location: //a%2fb", "Location: //@/", "Location: //a@b:c@d/", "Location: mailto:%",
            "Location: http://h\u{0}/", "Location: h%:80/", "Location: //h%/", "Location: \u{1F600}", "Location: #",
            "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked",
            "Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: none", "Content-Encoding: gzip, gzip",
            "Content-Type: \";;=\\", "Content-Type: text/html; charset", "Content-Disposition: a; filename=\"/\\/\"",
            "Set-Cookie: =;;", "WWW-Authenticate: Basic", "WWW-Authenticate: ,,,", "Refresh: -1", "Connection: upgrade",
            "Retry-After: 99999999999999999999", "Trailer: X", "Alt-Svc: h3=\":1\"", "Strict-Transport-Security: x",
            "\u{0}", "a\u{0}b: c", ":", "::", " ", "x", "\t:",
        ]
        let ends = ["\r\n\r\n2\r\nhi\r\n0\r\nT: 1\r\n\r\n", "\r\n\r\nhi", "\r\n"]
        var answers: [Data] = []
        for status in statuses.prefix(2) {
            for field in fields {
                for end in ends { answers.append(Data("\(status)\r\n\(field)\(end)".utf8)) }
            }
        }
        for status in statuses.dropFirst(2) { answers.append(Data("\(status)\r\n\r\nhi".utf8)) }
        return answers
    }()

    /// Sends each of the answers once, and returns how many of them were taken for one.
    private func readAll(_ answers: [Data]) async throws -> Int {
        let server = try LoopbackServer { request in
            let index = Int(request.target.dropFirst()) ?? 0
            return .bytes(answers[index], thenClose: true)
        }
        defer { server.stop() }
        var taken = 0
        for index in answers.indices {
            do {
                let response = try await self.transport.send(to: server, "/\(index)", timeout: .seconds(2))
                #expect((100...999).contains(response.status))
                taken += 1
            } catch let error as TransportError {
                let text = String(decoding: answers[index], as: UTF8.self)
                #expect(error.description.hasPrefix("127.0.0.1:\(server.port)"), "\(text)")
            }
        }
        return taken
    }

    @Test func threeHundredMalformedAnswersEndNoProcess() async throws {
        #expect(Self.malformed.count >= 300)
        let taken = try await self.readAll(Self.malformed)
        #expect(taken > 0 && taken < Self.malformed.count)
    }

    /// An answer is cut off at each of its bytes, and each byte of it is another one.
    @Test func anAnswerThatIsDamagedAnywhereEndsNoProcess() async throws {
        let whole = Data("HTTP/1.1 302 Found\r\nLocation: //host/a?b\r\nContent-Length: 2\r\n\r\nhi".utf8)
        var answers = (1..<whole.count).map { whole.prefix($0) }
        for index in whole.indices {
            for byte in [UInt8(0), 0x0A, 0x20, 0x25, 0x3A, 0x39, 0xFC] {
                var damaged = whole
                damaged[index] = byte
                answers.append(damaged)
            }
        }
        let taken = try await self.readAll(answers)
        #expect(taken > 0 && taken < answers.count)
    }
}
