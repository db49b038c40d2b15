import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport
import VaultSQLite
import VaultTestSupport

@testable import VaultCore

extension LoginServiceTests {
    /// A vault with a service at a provider that a test plays.
    struct Vault: Sendable {
        static let redirectURI = "https://vault.example/redirect"
        static let target = "https://app.example/done?x=1"

        let fixture: SQLiteStoreFixture
        let store: SQLiteStore
        let sealer: CredentialSealer
        let transport: FakeTransport
        let clients: OAuthClientSource
        let service: LoginService
        let clock = ManualClock()
        let logs = LogCapture()

        init(columns: String = "", _ answer: @escaping FakeTransport.Answer) async throws {
            let clock = self.clock
            let now: @Sendable () -> Date = { clock.date }
            self.fixture = try SQLiteStoreFixture()
            try await self.fixture.makeStore()
            self.store = try await self.fixture.open(now: now)
            self.sealer = try await self.store.sealer(keyEncryptionKey: self.fixture.keyEncryptionKey())
            self.transport = FakeTransport(answer)
            let endpoints = "\"authorizeUrl\": \"https://p.example/auth\", \"tokenUrl\": \"https://p.example/token\""
            let row = "{\"own\": {\(endpoints)\(columns.isEmpty ? "" : ", ")\(columns)}}"
            self.clients = OAuthClientSource(
                services: self.store,
                sealer: self.sealer,
                catalog: try ProviderSample.catalog(row),
                transport: self.transport
            )
            self.service = LoginService(
                store: self.store,
                sealer: self.sealer,
                clients: self.clients,
                transport: self.transport,
                audit: AuditLog(store: self.store, logger: self.logs.logger),
                logger: self.logs.logger,
                now: now
            )
            try await self.put(clientID: "id")
            _ = try await self.store.putToken(
                service: "svc",
                name: "tok",
                displayName: nil,
                returnURLs: ["https://app.example/done"]
            )
        }

        func put(clientID: String) async throws {
            _ = try await self.store.putService(
                "svc",
                configuration: ServiceConfiguration(provider: "own", clientID: clientID, scopes: ["a", "b"]),
                clientSecret: "s3cret-value",
                sealer: self.sealer
            )
        }

        func begin(target: String? = Self.target) async throws -> (page: FormFields, cookie: String) {
            let begun = try await self.service.begin(
                service: "svc",
                token: "tok",
                returnURL: target,
                redirectURI: Self.redirectURI,
                cookie: nil
            )
            return (FormFields(begun.page.query(percentEncoded: true) ?? ""), begun.cookie.text)
        }

        /// The application's address.
        func finish(query: FormFields, cookie: String?) async throws -> String {
            guard case .application(let location) = try await self.service.finish(query: query, cookie: cookie) else {
                throw CancellationError()
            }
            return location
        }

        /// Brings the browser back; `STATE` stands for that of the login.
        func login(_ query: String = "state=STATE&code=the-code") async throws -> FormFields {
            let (page, cookie) = try await self.begin()
            let back = query.replacing("STATE", with: page["state"] ?? "")
            let location = try await self.finish(query: FormFields(back), cookie: cookie)
            #expect(location.hasPrefix("https://app.example/done?x=1&"))
            return FormFields(location.drop { $0 != "?" }.dropFirst())
        }

        func save(
            _ code: String?,
            token: String = "tok",
            allowAccountChange: Bool = false
        ) async throws -> CodeRedemption {
            try await self.service.save(
                code: code ?? "",
                service: "svc",
                token: token,
                allowAccountChange: allowAccountChange,
                by: .sample
            )
        }

        func credential() async throws -> Credential? {
            try await self.store.token(service: "svc", name: "tok")?.credential.map { try self.sealer.keys.open($0) }
        }

        func accessToken() async throws -> String? { try await self.credential()?.accessToken }

        /// The audit: by whom, what, what came of it.
        func audit() async throws -> [String] {
            var lines: [String] = []
            try await self.store.readAudit(before: nil) {
                lines.append("\($0.objectID) \($0.action) \($0.service)/\($0.token) \($0.outcome) \($0.detail)")
            }
            return lines
        }
    }
}
