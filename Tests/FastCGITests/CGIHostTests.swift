import Foundation
import Logging
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

    @Test func aBodyOverTheLimitIsNotRead() async throws {
        let post = ["REQUEST_METHOD": "POST", "PATH_INFO": "/echo", "CONTENT_LENGTH": "5000000"]
        let text = try await Self.run(Self.environment.merging(post) { $1 })
        #expect(text.hasPrefix("Status: 413 "))
    }

    @Test func aRequestWithoutMethodIsRefused() async throws {
        #expect(try await Self.run(["GATEWAY_INTERFACE": "CGI/1.1"]).hasPrefix("Status: 400 "))
    }

    @Test func theEnvironmentDecides() {
        #expect(HostingMode.consumeHostingEnvironment(environment: ["GATEWAY_INTERFACE": "CGI/1.1"]) == .cgi)
        #expect(HostingMode.consumeHostingEnvironment(environment: [:]) == .commandLine)
        #expect(
            HostingMode.consumeHostingEnvironment(environment: ["LISTEN_FDS": "1", "LISTEN_PID": "1"]) == .commandLine
        )
        let mine = ["LISTEN_FDS": "1", "LISTEN_PID": String(getpid())]
        #expect(HostingMode.consumeHostingEnvironment(environment: mine) == .inherited(descriptor: 3))
        #expect(
            HostingMode.consumeHostingEnvironment(environment: mine.merging(["LISTEN_FDS": "0"]) { $1 }) == .commandLine
        )
    }
}
