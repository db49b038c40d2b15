// Answers behind nginx, on the unix socket that the argument names: swift run Responder /tmp/hello.sock

import FastCGI
import Hummingbird
import Logging
import ServiceLifecycle

let router = Router(context: GatewayRequestContext.self)
router.get("/") { _, context in
    "Hello, \(context.remoteAddress ?? "whoever you are")\n"
}

let logger = Logger(label: "hello")
let server = FastCGIServer(
    responder: router.buildResponder(),
    address: .unixSocket(path: CommandLine.arguments.dropFirst().first ?? "/tmp/hello.sock", mode: 0o660, group: nil),
    logger: logger
)
let services = ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
try await services.run()
