import Foundation
import Testing

@testable import FastCGI

/// What a web server may send, well or ill, and what it must get back: bytes in, bytes out, and whether the connection
/// carries another request afterwards.
@Suite struct ConformanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        enum End: Sendable {
            /// The server closes the connection.
            case closed
            /// The connection carries another request.
            case open
            /// The web server stops sending, and the server closes the connection after its answers.
            case halfClosed
        }

        let name: String
        let bytes: [UInt8]
        /// What comes back, as a transcript.
        let answer: [String]
        let end: End

        init(_ name: String, _ parts: [[UInt8]], _ answer: [String], _ end: End) {
            self.name = name
            self.bytes = Array(parts.joined())
            self.answer = answer
            self.end = end
        }

        var testDescription: String { self.name }

        var expectation: [String] {
            self.answer + (self.end == .open ? ["9: 200 hello", "9: complete"] : [])
        }
    }

    private static let cases: [Case] =
        Self.streams + Self.pairs + Self.violations + Self.roles + Self.management + Self.aborts + Self.order

    @Test(arguments: Self.cases)
    func eachCaseHasItsAnswer(testCase: Case) async throws {
        try await withServer { path, _ in
            let transcript = try await Self.run(testCase, at: path, chunk: .max)
            #expect(transcript == testCase.expectation)
        }
    }

    /// The records of a case are then cut wherever a read can end.
    @Test(arguments: Self.cases.filter { $0.bytes.count < 3000 })
    func eachCaseHasTheSameAnswerByteByByte(testCase: Case) async throws {
        try await withServer { path, _ in
            let transcript = try await Self.run(testCase, at: path, chunk: 1)
            #expect(transcript == testCase.expectation)
        }
    }

    private static func run(_ testCase: Case, at path: String, chunk: Int) async throws -> [String] {
        try await onThread {
            let peer = try FastCGIPeer(path: path)
            defer { peer.close() }
            var rest = testCase.bytes[...]
            while !rest.isEmpty {
                peer.send(Array(rest.prefix(chunk)))
                rest = rest.dropFirst(chunk)
            }
            var received: [UInt8] = []
            switch testCase.end {
            case .closed:
                break
            case .halfClosed:
                peer.finishSending()
            case .open:
                while Transcript(received).wholeLines.count < testCase.answer.count, let part = try peer.readSome() {
                    received += part
                }
                peer.send(Wire.request(id: 9))
            }
            received += try peer.readToEnd()
            return Transcript(received).lines
        }
    }
}

/// What a responder sent: a line for each answer, and for each record that is not part of one.
private struct Transcript {
    private static let statuses = ["complete", "no multiplexing", "overloaded", "unknown role"]

    private(set) var wholeLines: [String] = []
    private var output: [UInt16: [UInt8]] = [:]
    private let rest: Int

    /// The whole lines, and what has come without its end.
    var lines: [String] {
        self.wholeLines + self.output.map { "\($0.key): \($0.value.count) bytes without an end" }
            + (self.rest > 0 ? ["\(self.rest) bytes of a record"] : [])
    }

    init(_ bytes: [UInt8]) {
        let answer = Answer(bytes)
        self.rest = answer.rest.count
        for record in answer.records {
            self.add(record.kind, record.content, of: record.id)
        }
    }

    private mutating func add(_ kind: UInt8, _ content: [UInt8], of id: UInt16) {
        switch kind {
        case 6 where content.isEmpty:
            self.wholeLines.append("\(id): \(Self.page(self.output.removeValue(forKey: id) ?? []))")
        case 6:
            self.output[id, default: []] += content
        case 3 where content.count == 8 && content[..<4].allSatisfy { $0 == 0 } && content[4] < 4:
            self.wholeLines.append("\(id): \(Self.statuses[Int(content[4])])")
        case 10:
            self.wholeLines.append((["\(id): values"] + Self.names(in: content)).joined(separator: " "))
        case 11 where content.count == 8:
            self.wholeLines.append("\(id): unknown type \(content[0])")
        default:
            self.wholeLines.append("\(id): type \(kind) with \(content)")
        }
    }

    /// The status, and the body or the number of its bytes.
    private static func page(_ bytes: [UInt8]) -> String {
        let parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")
        guard parts.count >= 2, parts[0].hasPrefix("Status: ") else { return "no head" }
        let body = parts.dropFirst().joined(separator: "\r\n\r\n")
        guard (parts[0] + "\r\n").contains("Content-Length: \(body.utf8.count)\r\n") else { return "wrong length" }
        let text = body.utf8.count > 80 ? "\(body.utf8.count) bytes" : body
        return "\(parts[0].dropFirst(8).prefix(3)) \(text.trimmingCharacters(in: .whitespacesAndNewlines))"
            .trimmingCharacters(in: .whitespaces)
    }

    private static func names(in content: [UInt8]) -> [String] {
        var names: [String] = []
        var rest = content[...]
        while let name = rest.popFirst(), let value = rest.popFirst() {
            names.append(String(decoding: rest.prefix(Int(name)), as: UTF8.self).replacing("FCGI_", with: ""))
            rest = rest.dropFirst(Int(name) + Int(value))
        }
        return names
    }
}
