import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing

@testable import FastCGI

@Suite struct CanonicalPathMiddlewareTests {
    private static func status(path: String, uri: String?) async throws -> HTTPResponse.Status {
        let router = Router(context: GatewayRequestContext.self)
        router.add(middleware: CanonicalPathMiddleware())
        router.get("/") { _, _ in "home" }
        router.get("readyz") { _, _ in "ready" }
        router.get("services/:name") { _, _ in "service" }
        let variables = MetaVariables(uri.map { [("REQUEST_URI", $0)] } ?? [])
        let request = Request(
            head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: path),
            body: RequestBody(buffer: ByteBuffer())
        )
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let context = GatewayRequestContext(source: .init(logger: logger, variables: variables))
        do {
            return try await router.buildResponder().respond(to: request, context: context).status
        } catch let error as HTTPError {
            return error.status
        }
    }

    @Test(arguments: [
        ("/readyz/", nil), ("//readyz", nil), ("/readyz//", nil), ("/./readyz", nil), ("/readyz/.", nil),
        ("/readyz%2f", nil), ("/readyz%2F", nil), ("/readyz/%2e", nil), ("/x/%2E%2e/readyz", nil), ("//", nil),
        ("/services/a/", nil), ("/services/a%2Fb", nil), ("/readyz", "//readyz"), ("/readyz", "/x/../readyz"),
        ("/readyz", "/readyz%2f"), ("/readyz", "/%2e/readyz"), ("/readyz", "//\u{301}/readyz"),
        ("/readyz", "/x%2f\u{301}"), ("/readyz", "http://host//readyz?a=b"),
    ])
    func aPathThatAnAccessRuleDoesNotSeeIsNoPath(path: String, uri: String?) async throws {
        #expect(try await Self.status(path: path, uri: uri) == .notFound)
    }

    @Test(arguments: [
        ("/", nil), ("/readyz", nil), ("/readyz?next=//a/../b", nil), ("/services/a.b", nil), ("/services/a%20b", nil),
        ("/services/...", nil), ("/", "/token-page/"), ("/", "/?a=//b/."), ("/", "/?\u{301}//"),
        ("/readyz", "http://host:80/readyz"), ("/", "http://host"),
    ])
    func aCanonicalPathIsServed(path: String, uri: String?) async throws {
        #expect(try await Self.status(path: path, uri: uri) == .ok)
    }
}
