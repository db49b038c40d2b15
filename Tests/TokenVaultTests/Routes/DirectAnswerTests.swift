import GRDB
import Hummingbird
import NIOCore
import ProgramMetrics
import TestSupport
import Testing
import VaultCore

@testable import FastCGI
@testable import TokenVault
@testable import VaultSQLite

/// A read that is answered past the routes ends where the routes do: the same bytes, lines of the log, rows of the audit and counts.
struct DirectAnswerTests {
    /// The vault without its short way.
    private struct LongWay: HTTPResponder {
        let vault: VaultResponder

        func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
            try await self.vault.respond(to: request, context: context)
        }
    }

    /// All that a request leaves behind.
    private struct Traces: Equatable {
        let answer: String
        let log: [String]
        let audit: [String]
        /// What more was counted.
        let metrics: Set<Set<MetricLabel>>
    }

    private static let path = "/services/dropbox/tokens/sample"
    private static let requestID = "0123456789abcdef0123456789abcdef"

    /// What nginx says of a read, with some of it changed; nil leaves a variable out.
    private static func variables(bearer: String, _ changes: [String: String?] = [:]) -> MetaVariables {
        var variables = [
            "REQUEST_METHOD": "POST", "REQUEST_URI": Self.path, "PATH_INFO": Self.path, "QUERY_STRING": "",
            "SCRIPT_NAME": "", "CONTENT_LENGTH": "0", "CONTENT_TYPE": "", "HTTP_HOST": "vault.example.com",
            "HTTP_PROXY": "", "REQUEST_ID": Self.requestID, "HTTP_AUTHORIZATION": "Bearer \(bearer)",
        ]
        for (name, value) in changes { variables[name] = value }
        return MetaVariables(variables.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
    }

    private static func traces(
        of responder: some HTTPResponder<GatewayRequestContext>,
        _ variables: MetaVariables,
        _ vault: VaultFixture
    ) async throws -> Traces {
        let (logged, audited) = (vault.logs.lines.count, try await vault.audit().count)
        let counted = Self.counts(vault)
        let handler = GatewayHandler(responder: responder, logger: vault.logs.logger)
        let request = GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer())
        let answer = await handler.respond(to: request, through: ResponseStream {})
        guard case .whole(let response) = answer else { throw Unexpected(answer: "\(answer)") }
        return Traces(
            answer: String(decoding: response.head, as: UTF8.self) + String(buffer: response.body),
            log: Array(vault.logs.lines[logged...]),
            audit: Array(try await vault.audit()[audited...]),
            metrics: Set(Self.counts(vault).subtracting(counted).map { Set($0.labels) })
        )
    }

    private static func counts(_ vault: VaultFixture) -> Set<MetricFamily.Sample> {
        let metrics = vault.metrics
        let times = metrics.requestTime.family.samples.filter { $0.suffix == "_count" }
        return Set(metrics.requests.family.samples + metrics.reads.family.samples + times)
    }

    private struct Unexpected: Error {
        let answer: String
    }

    private static func isDirect(_ variables: MetaVariables, _ vault: VaultFixture) -> Bool {
        let request = UnreadRequest(
            GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer()),
            logger: vault.logs.logger
        )
        return request.isPlain && TokenRead(variables) != nil
    }

    /// Asks one vault on either way, since what one request did counts for the next.
    ///
    /// - Returns: The answer of both.
    @discardableResult
    private static func expectTheSame(
        isDirect: Bool,
        vault makeVault: () async throws -> VaultFixture,
        variables: (VaultFixture) throws -> MetaVariables
    ) async throws -> String {
        let (first, second) = (try await makeVault(), try await makeVault())
        let request = try variables(first)
        #expect(Self.isDirect(request, first) == isDirect)
        let short = try await Self.traces(of: first.responder, request, first)
        let long = try await Self.traces(of: LongWay(vault: second.responder), variables(second), second)
        #expect(short == long)
        return short.answer
    }

    @Test(
        arguments: [
            ([:], true),
            (["CONTENT_LENGTH": ""], true),
            (["CONTENT_LENGTH": nil], true),
            (["REQUEST_ID": "somebody's text\n"], true),
            (["REQUEST_URI": "/services/x.y_z-1/tokens/t", "PATH_INFO": "/services/x.y_z-1/tokens/t"], true),
            (["HTTP_PREFER": "token-details"], false),
            (["HTTP_PREFER": ""], false),
            (["REQUEST_METHOD": "GET"], false),
            (["REQUEST_METHOD": "HEAD"], false),
            (["REQUEST_METHOD": "post"], false),
            (["REQUEST_METHOD": "OPTIONS"], false),
            (["REQUEST_METHOD": nil], false),
            (["REQUEST_URI": path + "?a=b", "QUERY_STRING": "a=b"], false),
            (["REQUEST_URI": "/mounted" + path], false),
            (["PATH_INFO": nil], false),
            (["PATH_INFO": ""], false),
            (["REQUEST_URI": "/" + path, "PATH_INFO": path], false),
            (["REQUEST_URI": path + "/", "PATH_INFO": path + "/"], false),
            (["REQUEST_URI": path + "/accesstoken", "PATH_INFO": path + "/accesstoken"], false),
            (["REQUEST_URI": "/services/dropbox/tokens/s%61mple", "PATH_INFO": path], false),
            (["REQUEST_URI": "/services/../tokens/sample", "PATH_INFO": "/services/../tokens/sample"], false),
            (["REQUEST_URI": "/services//tokens/sample", "PATH_INFO": "/services//tokens/sample"], false),
            (["REQUEST_URI": "/services/dröpbox/tokens/s", "PATH_INFO": "/services/dröpbox/tokens/s"], false),
            (["REQUEST_URI": "/services/dropbox/policies/s", "PATH_INFO": "/services/dropbox/policies/s"], false),
            (["REQUEST_URI": "/services/dropbox", "PATH_INFO": "/services/dropbox"], false),
            (["CONTENT_LENGTH": "3"], false),
            (["CONTENT_LENGTH": "00"], false),
            (["CONTENT_LENGTH": "x"], false),
            (["HTTP_AUTHORIZATION": nil], false),
            (["HTTP_AUTHORIZATION": ""], false),
            (["HTTP_AUTHORIZATION": "Bearer "], false),
            (["HTTP_AUTHORIZATION": "Bearer a b"], false),
            (["HTTP_AUTHORIZATION": "Bearer\ta.b.c"], false),
            (["HTTP_AUTHORIZATION": "Basic YTpi"], false),
            (["HTTP_AUTHORIZATION": "Bearer a.b.\u{e9}"], false),
            (["HTTP_AUTHORIZATION": "Bearer a.b.c"], true),
            (["HTTP_AUTHORIZATION": "Bearer " + String(repeating: "x", count: 32 * 1024)], true),
            (["HTTP_AUTHORIZATION": "Bearer " + String(repeating: "x", count: 32 * 1024 + 1)], false),
        ] as [([String: String?], Bool)]
    )
    func bothWaysGiveTheSame(changes: [String: String?], isDirect: Bool) async throws {
        let answer = try await Self.expectTheSame(
            isDirect: isDirect,
            vault: {
                let vault = try await VaultFixture()
                try await vault.importToken("sl.secret", expiresIn: 3600)
                return vault
            },
            variables: { Self.variables(bearer: try $0.bearer(), changes) }
        )
        if changes.isEmpty { #expect(answer.hasSuffix("\"AccessToken\":\"sl.secret\"}}")) }
    }

    /// What may be wrong with a caller, a token or a store.
    enum Trouble: CaseIterable {
        case noPolicy
        case noToken
        case noLogin
        case expired
        case expiredCaller
        case strangeCaller
        case damagedCredential
        case brokenStore
        case tooFast
    }

    private static func vault(with trouble: Trouble) async throws -> VaultFixture {
        let vault = try await VaultFixture(
            permissions: trouble == .noPolicy ? "" : "Get",
            environment: trouble == .tooFast ? ["TOKEN_VAULT_RATE_PRINCIPAL": "1"] : [:]
        )
        if trouble != .noToken { try await vault.importToken("sl.never", expiresIn: trouble == .expired ? -5 : 3600) }
        let change: String? =
            switch trouble {
            case .noLogin: "DELETE FROM credential"
            case .damagedCredential: "UPDATE credential SET access_token = zeroblob(60)"
            case .brokenStore: "ALTER TABLE token RENAME TO gone"
            case .noPolicy, .noToken, .expired, .expiredCaller, .strangeCaller, .tooFast: nil
            }
        if let change { try await vault.store.pool.write { try $0.execute(sql: change) } }
        if trouble == .tooFast {
            let variables = Self.variables(bearer: try vault.bearer())
            while try await Self.traces(of: vault.responder, variables, vault).answer.hasPrefix("Status: 200") {}
        }
        return vault
    }

    @Test(arguments: Trouble.allCases)
    func bothWaysRefuseTheSame(trouble: Trouble) async throws {
        let answer = try await Self.expectTheSame(
            isDirect: true,
            vault: { try await Self.vault(with: trouble) },
            variables: { vault in
                let bearer =
                    switch trouble {
                    case .expiredCaller: try vault.bearer { $0["exp"] = 1 }
                    case .strangeCaller: String(try vault.bearer().dropLast(8)) + "AAAAAAAA"
                    default: try vault.bearer()
                    }
                return Self.variables(bearer: bearer)
            }
        )
        #expect(!answer.hasPrefix("Status: 200"))
        #expect(!answer.contains("sl.never"))
    }

    @Test func theAuditKnowsTheRequestOnTheShortWayToo() async throws {
        let vault = try await VaultFixture()
        try await vault.importToken("sl.secret")
        _ = try await Self.traces(of: vault.responder, Self.variables(bearer: vault.bearer()), vault)
        let request = try await vault.store.pool.read { db in
            try String.fetchOne(db, sql: "SELECT lower(hex(request)) FROM audit WHERE action = 'postToken'")
        }
        #expect(request == Self.requestID)
    }

    @Test func whoseRequestItIsHasToBeClearOnTheShortWayToo() async throws {
        let answer = try await Self.expectTheSame(
            isDirect: false,
            vault: { try await VaultFixture() },
            variables: { vault in
                MetaVariables(
                    [
                        (name: "REQUEST_METHOD", value: "POST"), (name: "REQUEST_URI", value: Self.path),
                        (name: "PATH_INFO", value: Self.path), (name: "REQUEST_ID", value: Self.requestID),
                        (name: "HTTP_AUTHORIZATION", value: "Bearer other"),
                        (name: "HTTP_AUTHORIZATION", value: "Bearer \(try vault.bearer())"),
                    ]
                )
            }
        )
        #expect(answer.hasPrefix("Status: 400"))
    }
}
