import AppAuthentication
import Logging
import NIOCore

@testable import FastCGI
@testable import TokenPage

/// A page from its meta-variables to the bytes of its answer: all but sockets, libfcgi and the network.
enum WholePage {
    static func make() async throws -> MicroBenchmark {
        let logger = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        let transport = ImmediateTransport.identityAndVault
        let page = try App.build(
            settings: Settings(environment: ImmediateTransport.environment),
            templateDirectory: "www/templates",
            provider: AzureServiceTokenProvider(
                environment: ImmediateTransport.environment,
                transport: transport,
                cache: TokenCache()
            ),
            transport: transport
        )
        let handler = GatewayHandler(responder: page.responder, logger: logger)
        let request = GatewayRequest(interface: .fastCGI, variables: try Self.variables(), body: ByteBuffer())
        _ = await handler.respond(to: request, through: ResponseStream {})
        return MicroBenchmark(name: "whole page without sockets") { count in
            for _ in 0..<count {
                use(await handler.respond(to: request, through: ResponseStream {}))
            }
        }
    }

    private struct NoRequest: Error {}

    private static func variables() throws -> MetaVariables {
        try FCGXReader.library.get()
        guard let request = try FCGXReader().read(RequestReading.bytes, hasBody: false) else { throw NoRequest() }
        return request.variables
    }
}
