import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

/// A server on loopback with a certificate from an authority of its own, which tells what host it was asked for.
final class TLSServer: Sendable {
    let port: Int
    /// The authority's certificate.
    let authority: String
    private let channel: any Channel

    /// Starts a server with a certificate for these names, which may answer with a record of TLS that nobody can open.
    init(
        for names: [String],
        breaksTLS: Bool = false,
        answer: @escaping @Sendable (HTTPRequestHead) -> String = { _ in "hi" }
    ) async throws {
        let authority = try Issuer()
        let (certificate, key) = try authority.issue(for: names)
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)],
            privateKey: .privateKey(key)
        )
        tls.minimumTLSVersion = .tlsv12
        let context = try NIOSSLContext(configuration: tls)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(breaksTLS: breaksTLS, answer: answer))
                }
            }
        self.channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        self.port = self.channel.localAddress?.port ?? 0
        self.authority = authority.pem
    }

    func stop() async {
        try? await self.channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let breaksTLS: Bool
        private let answer: @Sendable (HTTPRequestHead) -> String

        init(breaksTLS: Bool, answer: @escaping @Sendable (HTTPRequestHead) -> String) {
            self.breaksTLS = breaksTLS
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let request) = self.unwrapInboundIn(data) else { return }
            if self.breaksTLS {
                let below = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
                // Application data whose tag is wrong.
                let record = ByteBuffer(bytes: [23, 3, 3, 0, 32] + [UInt8](repeating: 0, count: 32))
                below?.writeAndFlush(NIOAny(record), promise: nil)
                return
            }
            let body = ByteBuffer(string: self.answer(request))
            let isRedirect = request.uri == "/redirect"
            var head = HTTPResponseHead(version: .http1_1, status: isRedirect ? .found : .ok)
            head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
            if isRedirect { head.headers.add(name: "Location", value: "/elsewhere") }
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

/// A certificate authority that exists for one test.
private struct Issuer {
    private let key = P256.Signing.PrivateKey()
    private let certificate: Certificate

    var pem: String { (try? self.certificate.serializeAsPEM().pemString) ?? "" }

    init() throws {
        let name = try DistinguishedName { CommonName("Authority of a test") }
        let key = Certificate.PrivateKey(self.key)
        self.certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: key.publicKey,
            notValidBefore: Date.now - 3600,
            notValidAfter: Date.now + 3600,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerPrivateKey: key
        )
    }

    func issue(for names: [String]) throws -> (NIOSSLCertificate, NIOSSLPrivateKey) {
        let key = P256.Signing.PrivateKey()
        let alternatives = names.map { GeneralName.dnsName($0) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: Certificate.PrivateKey(key).publicKey,
            notValidBefore: Date.now - 3600,
            notValidAfter: Date.now + 3600,
            issuer: self.certificate.subject,
            subject: try DistinguishedName { CommonName("Server of a test") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames(alternatives)
            },
            issuerPrivateKey: Certificate.PrivateKey(self.key)
        )
        return (
            try NIOSSLCertificate(bytes: Array(certificate.serializeAsPEM().pemString.utf8), format: .pem),
            try NIOSSLPrivateKey(bytes: Array(key.pemRepresentation.utf8), format: .pem)
        )
    }
}
