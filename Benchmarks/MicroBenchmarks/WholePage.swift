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
        _ = await handler.respond(to: request)
        return MicroBenchmark(name: "whole page without sockets") { count in
            for _ in 0..<count {
                use(await handler.respond(to: request))
            }
        }
    }

    private struct NoRequest: Error {}

    private static func variables() throws -> MetaVariables {
        try FCGXRequest.library.get()
        var memoryFile = try MemoryFile()
        guard let request = try FCGXRequest(RequestReading.bytes, memoryFile: &memoryFile) else { throw NoRequest() }
        return request.metaVariables()
    }
}
