import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import TestSupport

@testable import FastCGI

/// A page that answers with what the web server told it, as JSON, and remembers which requests came.
final class EchoBackEnd: Sendable {
    /// What one request was.
    struct Seen: Codable, Sendable, Equatable {
        var method: String
        var path: String
        var body: String
        /// The parameters as the page sees them.
        var variables: [String: String]
        /// Those that the web server gave more than once.
        var repeated: [String]
    }

    private let requests = Box<[Seen]>([])
    let socket: String

    /// `METHOD path` of all that has come but for the monitor's own questions.
    var seen: [Seen] { self.requests.value.filter { $0.path != "/healthz" } }

    /// Those of one connection of a client: what an earlier one left behind may arrive late.
    func seen(from port: Int) -> [Seen] { self.seen.filter { $0.variables["REMOTE_PORT"] == "\(port)" } }

    private init(socket: String) {
        self.socket = socket
    }

    func forget() {
        self.requests.withLock { $0 = [] }
    }

    private struct Responder: HTTPResponder {
        let backEnd: EchoBackEnd

        func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
            let body = try await request.body.collect(upTo: .max)
            var variables: [String: String] = [:]
            context.variables.withEachPair { name, value in
                variables[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
            }
            let seen = Seen(
                method: request.method.rawValue,
                path: request.uri.string,
                body: String(buffer: body),
                variables: variables,
                repeated: context.variables.repeatedNames
            )
            self.backEnd.requests.withLock { $0.append(seen) }
            let text = try JSONEncoder().encode(seen)
            return Response(
                status: .ok,
                headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: text))
            )
        }
    }

    /// Runs the body while the page listens, with room for so many connections at once.
    static func with(
        maxConnections: Int = ServerLimits().maxConnections,
        _ body: (EchoBackEnd) async throws -> Void
    ) async throws {
        let backEnd = EchoBackEnd(socket: "/tmp/echo-\(UUID().uuidString.prefix(8)).sock")
        var logger = Logger(label: "echo")
        logger.logLevel = .critical
        let server = FastCGIServer(
            responder: Responder(backEnd: backEnd),
            // The workers of a web server are another user where the tests are root.
            address: .unixSocket(path: backEnd.socket, mode: 0o666),
            limits: ServerLimits(maxConnections: maxConnections),
            logger: logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let isUp = try await eventually { UnixSocket.isListening(at: backEnd.socket) }
            guard isUp else { throw ChildProcess.Failure(description: "the page of the test does not listen") }
            do {
                try await body(backEnd)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

extension RawHTTP.Outcome {
    /// Those of the page of the test, and not of the web server itself.
    var answersOfPage: [RawHTTP.Answer] {
        self.answers.filter { $0.status == 200 && $0["content-type"] == "application/json" }
    }
}

extension RawHTTP.Answer {
    /// What the page of the test saw, when it answered.
    func seen() throws -> EchoBackEnd.Seen {
        do {
            return try JSONDecoder().decode(EchoBackEnd.Seen.self, from: Data(self.body))
        } catch {
            throw ChildProcess.Failure(description: "not the page has answered: \(self)")
        }
    }
}
