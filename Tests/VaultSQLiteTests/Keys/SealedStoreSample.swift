import Foundation
import GRDB
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

/// A store in which something lies in every place that holds sealed values.
struct SealedStoreSample {
    static let service = "dropbox"
    static let tokens = (0..<5).map { "token-\($0)" }

    let files: SQLiteStoreFixture
    let store: SQLiteStore
    let sealer: CredentialSealer

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        self.store = try await self.files.open()
        self.sealer = try await self.store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        _ = try await self.store.createService(Self.service, provider: "dropbox")
        _ = try await self.store.addClientSecret("client secret", to: Self.service, sealer: self.sealer)
        for token in Self.tokens { try await self.save(token) }
        try await self.addLogins()
        let key = TokenKey(service: Self.service, token: Self.tokens[0])
        for write in [RenewalWrite.keepAnswer(Data("kept".utf8)), .quarantine(Data("late".utf8))] {
            let _: Bool? = try await self.store.changeRenewal(of: key, sealer: self.sealer) { _ in
                (result: true, writes: [write])
            }
        }
    }

    private init(files: SQLiteStoreFixture, store: SQLiteStore, sealer: CredentialSealer) {
        self.files = files
        self.store = store
        self.sealer = sealer
    }

    /// The same where the store is in another file.
    func moved(_ store: SQLiteStore, _ sealer: CredentialSealer) -> Self {
        Self(files: self.files, store: store, sealer: sealer)
    }

    func save(_ token: String, access: String = "access") async throws {
        _ = try await self.store.saveCredential(
            Credential(
                accessToken: "\(access) of \(token)",
                expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
                refreshToken: "refresh of \(token)",
                extraValues: ["extra": "of \(token)"],
                configurationHash: "hash"
            ),
            service: Self.service,
            token: token,
            sealer: self.sealer
        )
    }

    private static let stateHash = Data("state".utf8)
    private static let codeHash = Data("code".utf8)

    private func addLogins() async throws {
        let later = Date().addingTimeInterval(3600)
        _ = try await self.store.addLogin(
            PendingLogin(
                stateHash: Self.stateHash,
                cookieHash: Data("cookie".utf8),
                service: Self.service,
                token: Self.tokens[1],
                returnURL: "https://return.example",
                redirectURI: "https://redirect.example",
                configurationHash: "hash",
                secrets: PendingLogin.Secrets(codeVerifier: "verifier", nonce: "nonce"),
                expiresOn: later
            ),
            limits: LoginLimits(),
            sealer: self.sealer
        )
        _ = try await self.store.addPendingCredential(
            PendingCredential(
                codeHash: Self.codeHash,
                service: Self.service,
                token: Self.tokens[2],
                credential: Credential(accessToken: "pending"),
                account: Account(subject: "42", label: "somebody"),
                expiresOn: later
            ),
            sealer: self.sealer
        )
    }

    /// What does not open any more, or opens to something else; it leaves the store as it is but for the login that it takes.
    func complaints(with sealer: CredentialSealer) async throws -> [String] {
        var complaints: [String] = []
        for token in Self.tokens {
            let sealed = try await self.store.token(service: Self.service, name: token)?.credential
            guard let sealed, let credential = try? await sealer.open(sealed),
                credential.accessToken.hasSuffix(" of \(token)"), credential.refreshToken == "refresh of \(token)",
                credential.extraValues == ["extra": "of \(token)"]
            else {
                complaints.append("the credential of \(token)")
                continue
            }
        }
        for secret in try await self.store.clientSecrets(of: Self.service)
        where (try? await sealer.open(secret)) != "client secret" {
            complaints.append("a client secret")
        }
        let key = TokenKey(service: Self.service, token: Self.tokens[0])
        if (try? await self.store.keptAnswer(of: key, sealer: sealer)) != Data("kept".utf8) {
            complaints.append("the answer")
        }
        let late: (version: Int64, keyID: String, sealed: SealedValue)? = try await self.store.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM quarantine").map {
                ($0["version"], $0["kid"], SealedValue(column: $0["sealed"]))
            }
        }
        let opened = try? await sealer.open { keys in
            try late.map {
                let field = SealedField(kind: .rawAnswer, of: key, version: $0.version)
                return try keys.openBytes($0.sealed, keyID: $0.keyID, as: field)
            }
        }
        if opened != Data("late".utf8) { complaints.append("what is in quarantine") }
        let pending: PendingCode? = try await self.store.read { db in
            try PendingCode.fetch(
                Self.codeHash,
                service: Self.service,
                token: Self.tokens[2],
                now: Date(),
                in: db
            )
        }
        let credential = try? await sealer.open { keys in
            try pending.map { try $0.code.credential(of: $0.target.token, keys: keys) }
        }
        if credential?.accessToken != "pending" { complaints.append("the pending credential") }
        let login = try? await self.store.takeLogin(stateHash: Self.stateHash, now: Date(), sealer: sealer)
        if login?.secrets.codeVerifier != "verifier" { complaints.append("the login") }
        return complaints
    }
}
