import Foundation
import OAuthWire
import TestSupport
import TokenTransport

@testable import VaultCore

/// Clients of the vault's own rows, and of rows that a test writes.
enum ProviderSample {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let redirectURI = "https://vault.example.com/redirect"

    static func catalog(_ rows: String? = nil, isTrusted: Bool = false) throws -> ProviderCatalog {
        let own = try rows.map { rows in
            try ProviderFile(path: "own.json", isTrusted: isTrusted, contents: Data(rows.utf8))
        }
        return try ProviderCatalog([try ProviderFile.builtIn()] + [own].compactMap(\.self))
    }

    /// A client of one of the vault's rows.
    static func client(_ provider: String, _ parameters: [String: String] = [:]) throws -> OAuthClient {
        guard let row = try Self.catalog()[provider] else { throw ProviderRowError(provider, "is not there.") }
        let standard = ["ClientId": "client id", "clientsecret": "s3cret&+"]
        return try OAuthClient(provider: row, parameters: standard.merging(parameters) { _, own in own })
    }

    /// A client of a row with these columns beside the two addresses that each needs.
    static func client(columns: String, secret: String = "s3cret") throws -> OAuthClient {
        let endpoints = "\"authorizeUrl\": \"https://p.example/auth\", \"tokenUrl\": \"https://p.example/token\""
        let row = "{\"own\": {\(endpoints)\(columns.isEmpty ? "" : ", ")\(columns)}}"
        guard let provider = try Self.catalog(row)["own"] else { throw ProviderRowError("own", "is not there.") }
        return try OAuthClient(provider: provider, parameters: ["clientid": "id", "clientsecret": secret])
    }

    static let code = OAuthClient.Grant.code(
        Secret("the code"),
        verifier: Secret("the-verifier"),
        redirectURI: redirectURI
    )
    static let refresh = OAuthClient.Grant.refreshToken(Secret("old-rt"))
}

extension TransportRequest {
    /// What a server would read out of the body, or of the query where there is no body.
    var fields: [String: String] {
        if let body, header("Content-Type") == "application/json" {
            return (try? JSONDecoder().decode([String: String].self, from: body)) ?? [:]
        }
        let text = body.map { String(decoding: $0, as: UTF8.self) } ?? url.query(percentEncoded: true) ?? ""
        return Dictionary(FormFields(text).all.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension TransportResponse {
    init(_ status: Int = 200, _ text: String) {
        self.init(status: status, body: Data(text.utf8))
    }
}
