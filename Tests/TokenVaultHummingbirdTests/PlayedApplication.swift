import Foundation
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing
import TokenTransport
import TokenVaultClient

@testable import TokenVaultHummingbird

/// The context of an application with people of its own, whom it knows by a header that stands for its own session.
struct PlayedContext: VisitorTokenRequestContext {
    struct Source: RequestContextSource {
        let logger: Logger
        let person: String?
    }

    var coreContext: CoreRequestContextStorage
    var vaultToken: VaultToken?
    let person: String?

    init(source: Source) {
        self.coreContext = .init(source: source)
        self.person = source.person
    }
}

/// An application of the router alone, with a played vault.
struct PlayedApplication: Sendable {
    let vault = PlayedVault()
    let transport: FakeTransport
    let log = LogCapture()
    /// With `true`, each time that an access token had to be renewed.
    let acquisitions = Box<[Bool]>([])
    private let responder: RouterResponder<PlayedContext>

    static func configuration(_ publicURL: String = "https://app.example.com/") throws -> VisitorTokenConfiguration {
        VisitorTokenConfiguration(
            tokens: try #require(URL(string: PlayedVault.site + "/services/dropbox/tokens")),
            publicURL: try #require(URL(string: publicURL)),
            application: "photos",
            sessionKey: SessionKey()
        )
    }

    init(
        _ configuration: VisitorTokenConfiguration? = nil,
        owner: TokenOwner<PlayedContext> = .browser,
        bearer: (@Sendable (Bool) async throws -> String)? = nil,
        pages: VisitorTokenPages<PlayedContext> = VisitorTokenPages(),
        delay: @escaping @Sendable (TransportRequest) async throws -> Void = { _ in }
    ) throws {
        let (vault, acquisitions) = (self.vault, self.acquisitions)
        self.transport = FakeTransport { request in
            try await delay(request)
            return vault.answer(request)
        }
        let tokens = try VisitorTokens(
            try configuration ?? Self.configuration(),
            owner: owner,
            bearer: VaultBearer { renewing in
                acquisitions.withLock { $0.append(renewing) }
                return try await bearer?(renewing) ?? "azure"
            },
            transport: self.transport,
            pages: pages
        )
        let router = Router(context: PlayedContext.self, options: .autoGenerateHeadEndpoints)
        tokens.addRoutes(to: router)
        router.get("/open") { _, _ in "for everybody" }
        router.group().add(middleware: VisitorTokenMiddleware(tokens))
            .get("/") { _, context in context.vaultToken?.accessToken ?? "none" }
        self.responder = router.buildResponder()
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        headers: [String: String] = [:],
        body: String = "",
        person: String? = nil
    ) async throws -> Answer {
        // Whatever a client writes here, the application's address is its setting.
        var head = HTTPRequest(method: method, scheme: "http", authority: "evil.example", path: path)
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        let response = try await self.responder.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body))),
            context: PlayedContext(source: .init(logger: self.log.logger, person: person))
        )
        return Answer(
            status: response.status.code,
            headers: response.headers,
            text: String(buffer: try await response.collectedBody())
        )
    }

    /// How many times a code was sent to the vault.
    var saves: Int { self.transport.requests.filter { $0.url.path().hasSuffix("/save") }.count }
}

/// A browser that keeps its cookies, and a person in front of it.
struct PlayedVisitor {
    let application: PlayedApplication
    var cookies: [String: String] = [:]
    var person: String?
    var home = "https://app.example.com"

    init(_ application: PlayedApplication, person: String? = nil) {
        self.application = application
        self.person = person
    }

    @discardableResult
    mutating func send(
        _ method: HTTPRequest.Method = .get,
        _ path: String,
        headers: [String: String] = [:],
        body: String = ""
    ) async throws -> PlayedApplication.Answer {
        var headers = headers
        if !self.cookies.isEmpty {
            headers["Cookie"] = self.cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: "; ")
        }
        let answer = try await self.application.send(method, path, headers: headers, body: body, person: self.person)
        for cookie in answer.headers[values: .setCookie] {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { self.cookies[pair[0]] = pair[1] }
        }
        return answer
    }

    /// Follows the link, and returns where the vault is to send the browser back to, without doing so.
    mutating func beginLogin(as account: String, login: String = "/login") async throws -> String {
        let answer = try await self.send(.get, login)
        try #require(answer.status == 303, "\(answer.text)")
        let callback = try self.application.vault.logIn(at: answer.headers[.location] ?? "", as: account)
        try #require(callback.hasPrefix(self.home + "/"), "\(callback)")
        return String(callback.dropFirst(self.home.count))
    }

    mutating func logIn(as account: String) async throws {
        try #require(try await self.send(.get, try await self.beginLogin(as: account)).status == 303)
    }

    /// What the page behind the middleware shows; nil where it shows none.
    mutating func token() async throws -> String? {
        let answer = try await self.send(.get, "/")
        return answer.status == 200 ? answer.text : nil
    }
}
