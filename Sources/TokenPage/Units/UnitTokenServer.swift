import CLinux
import FastCGI
import Glibc
import Logging
import NIOCore
import NIOPosix
import ProgramSupport
import ServiceLifecycle

/// Hands tokens to the units that systemd starts, over the socket that their `LoadCredential=` names.
///
/// Nothing is read from a peer, who it is says the kernel: so that a silent one delays nobody, and one that does not read its
/// answer has its connection for ``writeLimit`` at most.
struct UnitTokenServer: Service, CustomStringConvertible {
    /// What systemd calls the socket: `FileDescriptorName=` in its unit.
    static let socketName = "credentials"
    /// Connections at a time; more wait in the socket.
    static let maxConnections = 64

    let address: ListenAddress
    let source: UnitTokenSource
    let logger: Logger
    var writeLimit: TimeAmount = .seconds(10)

    var description: String { "UnitTokenServer(\(self.address))" }

    private struct Connection: Sendable {
        let channel: any Channel
        let peer: UnitPeer?
    }

    /// Serves until a graceful shutdown, and then finishes what it has begun.
    ///
    /// - Throws: `FastCGIServerError` or ``ConfigurationError`` when the address cannot be listened on.
    func run() async throws {
        let listener = try Listener(self.address)
        guard listener.isUnix else {
            throw ConfigurationError(
                "The socket named \(Self.socketName) is not a unix socket: give its unit a path in ListenStream=."
            )
        }
        let server = try await Self.server(on: listener)
        self.logger.info("serving tokens to units", metadata: ["address": "\(self.address)"])
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { connections in try await self.serve(connections) }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
        }
        listener.unpublish()
    }

    private static func server(on listener: borrowing Listener) async throws -> NIOAsyncChannel<Connection, Never> {
        // The listener closes its own descriptor, and the channel this one.
        let descriptor = fcntl(listener.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw UnavailableError("The socket for units cannot be opened: \(String(cString: strerror(errno))).")
        }
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // systemd shuts its own direction down at once.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(
                descriptor,
                serverBackPressureStrategy: .init(lowWatermark: 1, highWatermark: 1)
            ) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = try channel.pipeline.syncOperations
                        .withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { UnitPeer(descriptor: $0) }
                    return Connection(channel: channel, peer: peer ?? nil)
                }
            }
    }

    private func serve(_ connections: NIOAsyncChannelInboundStream<Connection>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var count = 0
            for try await connection in connections {
                if count == Self.maxConnections { try await group.next() } else { count += 1 }
                group.addTask { await self.answer(connection) }
            }
        }
    }

    private func answer(_ connection: Connection) async {
        let answer = await self.answer(to: connection.peer)
        let channel = connection.channel
        let deadline = channel.eventLoop.scheduleTask(in: self.writeLimit) {
            self.logger.warning("A unit does not read its answer: the connection is closed")
            channel.close(promise: nil)
        }
        // A peer that has read enough closes its end, which is no failure.
        for part in answer.parts { try? await channel.writeAndFlush(part) }
        deadline.cancel()
        try? await channel.close()
    }

    /// What a peer gets; the log says what, and why.
    private func answer(to peer: UnitPeer?) async -> UnitAnswer {
        guard let peer else { return .refusal(UnitRefusal("Nobody can tell who is at the other end.")) }
        let request: UnitRequest
        do {
            request = try peer.request()
        } catch {
            self.logger.warning(
                "Somebody who is not systemd asks for the token of a unit",
                metadata: ["user": "\(peer.user)", "reason": "\(LogText(error.reason))"]
            )
            // Root may be systemd with a name of a form that is not known here: its unit must not start with nothing.
            return peer.user == 0 ? .refusal(error) : .nothing
        }
        let metadata: Logger.Metadata = ["unit": "\(request.unit)", "credential": "\(request.credential)"]
        do {
            let token = try await self.source.token(for: request)
            self.logger.info("A unit gets its token", metadata: metadata)
            return .token(token)
        } catch {
            self.logger.error(
                "A unit does not start, since there is no token for it",
                metadata: metadata.merging(["reason": "\(LogText(error.reason))"]) { $1 }
            )
            return .refusal(error)
        }
    }
}
