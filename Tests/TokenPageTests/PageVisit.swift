import AppAuthentication
import FastCGI
import Foundation
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TestSupport
import TokenTransport

@testable import TokenPage
@testable import TokenVaultHummingbird

/// A page with a played vault and a played managed identity of App Service, visited without a server.
struct PageVisit: Sendable {
    /// What a visitor got.
    struct Answer: Sendable {
        let status: Int
        let reasonPhrase: String
        let headers: HTTPFields
        let body: String

        /// What a person reads: tags away, spaces as a browser folds them.
        var text: String {
            self.body.replacing(/<[^>]*>/, with: "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }

    static let vaultPath = "/services/dropbox/tokens/sampleToken"

    let transport: FakeTransport
    let page: App.Page
    let log: LogCapture

    /// Builds the page; the environment is added to the one that selects the played identity.
    ///
    /// The number that the identity is given says which of its calls it is, from 0.
    init(
        environment: [String: String] = [:],
        identity: @escaping @Sendable (Int) async throws -> TransportResponse = { .identity(token: .jwt($0)) },
        commandRunner: FakeCommandRunner = .nothingInstalled,
        timeLimit: Duration = PageDeadline.limit,
        cache: TokenCache = TokenCache(),
        sessionKey: SessionKey = SessionKey(),
        now: @escaping @Sendable () -> Date = { Date() },
        vault: @escaping FakeTransport.Answer
    ) throws {
        let environment = [
            "IDENTITY_ENDPOINT": "http://127.0.0.1:41741/msi/token",
            "IDENTITY_HEADER": "header",
            "TOKEN_VAULT_URL": "https://name.westcentralus.tokenvault.azure.net\(Self.vaultPath)",
        ].merging(environment) { $1 }
        let identityCalls = Box(0)
        self.transport = FakeTransport { request in
            if request.url.path().hasPrefix("/services/") {
                return try await vault(request)
            }
            return try await identity(
                identityCalls.withLock { count in
                    defer { count += 1 }
                    return count
                }
            )
        }
        self.log = LogCapture()
        self.page = try App.build(
            settings: Settings(environment: environment),
            templateDirectory: Checkout.templates,
            provider: AzureServiceTokenProvider(
                environment: environment,
                transport: self.transport,
                commandRunner: commandRunner,
                cache: cache,
                probe: MetadataServiceProbe(),
                logger: self.log.logger
            ),
            transport: self.transport,
            timeLimit: timeLimit,
            sessionKey: sessionKey,
            now: now
        )
    }

    var vaultRequests: [TransportRequest] {
        self.transport.requests.filter { $0.url.path().hasPrefix("/services/") }
    }

    var identityRequests: [TransportRequest] {
        self.transport.requests.filter { !$0.url.path().hasPrefix("/services/") }
    }

    func get(
        _ path: String = "/",
        method: HTTPRequest.Method = .get,
        accept: String? = nil,
        authority: String = "localhost",
        isSecure: Bool = false,
        headers: [String: String] = [:],
        body: String = "",
        variables: [(name: String, value: String)] = []
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: authority, path: path)
        head.headerFields[.accept] = accept
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        let response = try await self.page.responder.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body))),
            context: GatewayRequestContext(
                source: .init(logger: self.log.logger, isSecure: isSecure, variables: MetaVariables(variables))
            )
        )
        return Answer(
            status: response.status.code,
            reasonPhrase: response.status.reasonPhrase,
            headers: response.headers,
            body: String(buffer: try await response.collectedBody())
        )
    }
}

extension TransportResponse {
    /// What App Service's identity endpoint answers.
    static func identity(token: String) -> TransportResponse {
        let expiry = Int(Date().timeIntervalSince1970) + 3_600
        let body = """
            {"access_token":"\(token)","expires_on":"\(expiry)","resource":"https://tokenvault.azure.net",\
            "token_type":"Bearer","client_id":"11111111-1111-1111-1111-111111111111"}
            """
        return TransportResponse(status: 200, headers: [("Content-Type", "application/json")], body: Data(body.utf8))
    }
}

extension String {
    /// An access token of Azure's form; the number makes each one another.
    static func jwt(_ number: Int) -> String {
        let claims = """
            {"appid":"app-1","tid":"tenant-1","exp":\(Int(Date().timeIntervalSince1970) + 3_600),"n":\(number)}
            """
        return "azure-secret-header.\(SampleJWT.part(claims)).signature\(number)"
    }
}

extension PlayedVault {
    /// How many times a code was sent for a token.
    func saves(in visit: PageVisit) -> Int {
        visit.vaultRequests.filter { $0.url.path().hasSuffix("/save") }.count
    }
}
