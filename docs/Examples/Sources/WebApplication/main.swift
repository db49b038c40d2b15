// A web application whose visitors log in at a provider once; from then on the vault has a fresh token for each of them.
//
//   swift run WebApplication https://vault.example.com/services/dropbox/tokens http://127.0.0.1:8080/ 8080
//
// The second address is where browsers find it, which may be a proxy's; it listens on 127.0.0.1, on the port that is given.

import AppAuthentication
import Foundation
import Hummingbird
import TokenTransport
import TokenVaultClient
import TokenVaultHummingbird

struct AppContext: VisitorTokenRequestContext {
    var coreContext: CoreRequestContextStorage
    var vaultToken: VaultToken?

    init(source: Source) {
        self.coreContext = .init(source: source)
    }
}

/// A page of one heading, what there is to say, and links relative to this page.
func page(_ status: HTTPResponse.Status, _ heading: String, _ text: String, links: String) -> Response {
    // The words of a vault and of a provider can be among these.
    let escaped = [heading, text].map {
        $0.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
    let html = "<!doctype html><meta charset=utf-8><h1>\(escaped[0])</h1><p>\(escaped[1])</p>\(links)\n"
    return Response(
        status: status,
        headers: [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ],
        body: .init(byteBuffer: ByteBuffer(string: html))
    )
}

let arguments = CommandLine.arguments.dropFirst()
guard
    arguments.count == 3, let tokensURL = arguments.first.flatMap({ URL(string: $0) }),
    let publicURL = arguments.dropFirst().first.flatMap({ URL(string: $0) }),
    let port = arguments.last.flatMap({ Int($0) })
else {
    print("Give the address of a service's tokens in a vault, the address of this application, and a port.")
    exit(64)
}
let environment = ProcessInfo.processInfo.environment
let resource = environment["TOKEN_VAULT_RESOURCE"] ?? "https://tokenvault.azure.net"

let provider = try AzureServiceTokenProvider()
var pages = VisitorTokenPages<AppContext>()
pages.failure = { error, _, _ in
    let links = error.offersLogin ? "<a id=log-in href=login>Log in</a>" : "<a href=./>Back</a>"
    return page(error.status, error.headline, error.description, links: links)
}
let tokens = try VisitorTokens(
    VisitorTokenConfiguration(
        tokens: tokensURL,
        publicURL: publicURL,
        application: "web-application",
        sessionKey: SessionKeyFile(path: environment["SESSION_KEY_FILE"] ?? "session.key").key()
    ),
    owner: .browser,
    bearer: VaultBearer { [provider, resource] renewing in
        try await provider.accessToken(forResource: resource, forceRefresh: renewing).token
    },
    transport: URLSessionTransport.shared,
    pages: pages
)

let router = Router(context: AppContext.self)
tokens.addRoutes(to: router)
router.group().add(middleware: VisitorTokenMiddleware(tokens)).get("/") { _, context in
    // Here an application calls the provider's API; the token itself belongs on no page.
    let count = context.vaultToken?.accessToken.count ?? 0
    return page(.ok, "You are logged in", "Your token has \(count) characters.", links: "<a href=forget>Forget it</a>")
}
let application = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
try await application.runService()
