// One application on two hosts: over HTTP while it is written, and over FastCGI behind nginx.
//
//   swift run Greeting                        http://127.0.0.1:8080/
//   swift run Greeting /tmp/greeting.sock     fastcgi_pass unix:/tmp/greeting.sock;
//
// A socket that systemd or spawn-fcgi hands over is served without an argument.

import FastCGI
import Hummingbird
import Logging
import ServiceLifecycle

/// What the application wants to know of a request, whichever way it came.
protocol VisitorContext: RequestContext {
    var visitor: String { get }
}

extension GatewayRequestContext: VisitorContext {
    // Whom the web server has let in, by a password or a certificate (`fastcgi_param REMOTE_USER $remote_user;`).
    var visitor: String { self.variables["REMOTE_USER"] ?? self.remoteAddress ?? "whoever you are" }
}

/// A request of a developer's own browser.
struct DevelopmentContext: VisitorContext {
    var coreContext: CoreRequestContextStorage
    let visitor = "developer"

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
    }
}

/// The application, which names no host.
func makeResponder<Context: VisitorContext>(_: Context.Type) -> some HTTPResponder<Context> {
    let router = Router(context: Context.self)
    router.get("/") { _, context in "Hello, \(context.visitor)\n" }
    return router.buildResponder()
}

// Before the arguments are looked at: under CGI a browser may have written them.
let hosting = HostingEnvironment.process
let address: ListenAddress? =
    if let descriptor = hosting.mode.inheritedDescriptor {
        .inherited(descriptor: descriptor)
    } else if let path = CommandLine.arguments.dropFirst().first {
        .unixSocket(path: path)
    } else {
        nil
    }

let logger = Logger(label: "greeting")
let server: any Service
if let address {
    server = FastCGIServer(responder: makeResponder(GatewayRequestContext.self), address: address, logger: logger)
} else {
    server = Application(
        responder: makeResponder(DevelopmentContext.self),
        configuration: .init(address: .hostname("127.0.0.1", port: 8080)),
        logger: logger
    )
}
let services = ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
try await services.run()
