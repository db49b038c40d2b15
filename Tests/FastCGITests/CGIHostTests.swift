import Foundation
import Logging
import TestSupport
import Testing

@testable import FastCGI

@Suite struct CGIHostTests {
    /// Runs one request with a pipe for each of the standard streams.
    private static func run(
        _ environment: [String: String],
        input: String = "",
        limits: ServerLimits = .init()
    ) async throws -> String {
        let standardInput = Pipe()
        let standardOutput = Pipe()
        // Written, but not closed: the body need not be followed by an end of file.
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        let host = CGIHost(
            responder: makeTestResponder(),
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await host.run(
            environment: environment,
            input: standardInput.fileHandleForReading.fileDescriptor,
            output: standardOutput.fileHandleForWriting.fileDescriptor
        )
        try standardOutput.fileHandleForWriting.close()
        return String(decoding: standardOutput.fileHandleForReading.availableData, as: UTF8.self)
    }

    private static let environment = [
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/cgi-bin/page",
        "REQUEST_URI": "/cgi-bin/page",
    ]

    @Test func theProgramsOwnPathIsItsRoot() async throws {
        let text = try await Self.run(Self.environment)
        #expect(text.hasPrefix("Status: 200 OK\r\n"))
        #expect(text.hasSuffix("\r\n\r\nhello"))
    }

    @Test func asMuchOfTheBodyIsReadAsWasAnnounced() async throws {
        let post = ["REQUEST_METHOD": "POST", "PATH_INFO": "/echo", "CONTENT_LENGTH": "4"]
        let text = try await Self.run(Self.environment.merging(post) { $1 }, input: "bodysurplus")
        #expect(text.hasSuffix("\r\n\r\nbody"))
    }

    @Test func aPageIsShownWhereTheWebServerKeptTheBodyForItself() async throws {
        let input = FileHandle(forReadingAtPath: "/dev/null")
        let output = Pipe()
        let host = CGIHost(
            responder: makeTestResponder(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await host.run(
            environment: Self.environment.merging(["CONTENT_LENGTH": "77"]) { $1 },
            input: try #require(input).fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor
        )
        try output.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\nhello"))
    }

    @Test func aRequestWithoutMethodIsRefused() async throws {
        #expect(try await Self.run(["GATEWAY_INTERFACE": "CGI/1.1"]).hasPrefix("Status: 400 "))
    }

    @Test func aBodyOverTheLimitIsReadToItsEndSoThatTheWebServerShowsTheAnswer() async throws {
        let input = Pipe()
        let output = Pipe()
        let host = CGIHost(
            responder: makeTestResponder(),
            limits: ServerLimits(maxBodyBytes: 100_000),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let post = ["REQUEST_METHOD": "POST", "PATH_INFO": "/echo", "CONTENT_LENGTH": "500000"]
        let environment = Self.environment.merging(post) { $1 }
        let (reading, writing) = (input.fileHandleForReading.fileDescriptor, output.fileHandleForWriting.fileDescriptor)
        // More than a pipe holds, so that it is written only if the program reads it.
        async let written: Void = onThread { try input.fileHandleForWriting.write(contentsOf: Data(count: 500_000)) }
        try await host.run(environment: environment, input: reading, output: writing)
        try await written
        try output.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(text.hasPrefix("Status: 413 "))
    }

    /// Runs one request whose answer is read while it is written.
    private static func stream(
        _ uri: String,
        from responder: StreamingResponder,
        _ body: @escaping @Sendable (FileHandle) throws -> Void
    ) async throws {
        let output = Pipe()
        let host = CGIHost(
            responder: responder.make(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        async let reading: Void = onThread { try body(output.fileHandleForReading) }
        defer { withExtendedLifetime(output) {} }
        let result: Result<Void, any Error>
        do {
            try await host.run(
                environment: Self.environment.merging(["PATH_INFO": uri]) { $1 },
                input: 0,
                output: output.fileHandleForWriting.fileDescriptor
            )
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try output.fileHandleForWriting.close()
        try await reading
        try result.get()
    }

    @Test func eachEventIsWrittenBeforeTheNext() async throws {
        let responder = StreamingResponder()
        let text = Box("")
        try await Self.stream("/events/3", from: responder) { output in
            for number in 1...3 {
                while !text.value.contains("event \(number)\n") {
                    let part = output.availableData
                    guard !part.isEmpty else { return }
                    text.withLock { $0 += String(decoding: part, as: UTF8.self) }
                }
                responder.gate.open(number - 1)
            }
        }
        #expect(text.value == "Status: 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent 1\nevent 2\nevent 3\n")
    }

    @Test func aMillionBytesComeAsTheyAreTaken() async throws {
        let count = Box(0)
        let responder = StreamingResponder()
        try await Self.stream("/bytes/1000000", from: responder) { output in
            // A pipe holds 64 KB.
            usleep(100_000)
            #expect(responder.written.value < 500_000)
            while case let part = output.availableData, !part.isEmpty { count.withLock { $0 += part.count } }
        }
        #expect(count.value == 1_000_000 + "Status: 200 OK\r\n\r\n".utf8.count)
    }

    @Test func anAnswerThatBreaksOffIsAnErrorOfTheProgram() async throws {
        let responder = StreamingResponder()
        responder.gate.openAll()
        await #expect(throws: (any Error).self) {
            try await Self.stream("/broken-after/1000", from: responder) { output in
                while !output.availableData.isEmpty {}
            }
        }
    }

    @Test func aWebServerThatGoesAwayCancelsTheResponder() async throws {
        let responder = StreamingResponder()
        await #expect(throws: (any Error).self) {
            try await Self.stream("/bytes/100000000", from: responder) { output in
                _ = output.availableData
                try output.close()
            }
        }
        #expect(responder.errors.value.first is CancellationError)
    }
}
