import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import OAuthWire

/// What a Key Vault does with keys that wrap others: `wrapKey` and `unwrapKey` with RSA-OAEP-256.
///
/// <https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key>
struct KeyVaultRoutes: Sendable {
    let issuer: TokenIssuer
    let keys: KeyVaultKeys
    let baseURL: String

    private static let resource = "https://vault.azure.net"
    private static let sizeLimit = 65_536

    private struct Operation: Codable {
        let alg: String
        let value: String
    }

    private struct Result: Encodable {
        let kid: String
        let value: String
    }

    func add(to router: Router<GatewayRequestContext>) {
        for place in ["/keys/:name", "/keys/:name/:version"] {
            router.post("\(place)/wrapkey") { request, context in
                try await self.perform(request, context) { try $0.wrap($1) }
            }
            router.post("\(place)/unwrapkey") { request, context in
                try await self.perform(request, context) { try $0.unwrap($1) }
            }
        }
    }

    private func perform(
        _ request: Request,
        _ context: GatewayRequestContext,
        _ body: (KeyVaultKeys.Key, Data) throws -> Data
    ) async throws -> Response {
        try await self.authenticate(request)
        guard request.uri.queryParameters["api-version"] != nil else {
            throw KeyVaultError.badParameter("The request has no api-version.")
        }
        let name = try context.parameters.require("name")
        guard (1...127).contains(name.utf8.count), name.utf8.allSatisfy(Self.isOfName) else {
            throw KeyVaultError.badParameter("The name of the key is not of letters, digits and hyphens.")
        }
        let key = try self.keys.key(name)
        if let version = context.parameters.get("version"), version.lowercased() != key.version {
            throw KeyVaultError.keyNotFound("\(name)/\(version)")
        }
        let buffer = try await request.body.collect(upTo: Self.sizeLimit)
        guard
            let operation = try? JSONDecoder().decode(Operation.self, from: Data(buffer.readableBytesView)),
            let value = Base64URL.decode(operation.value)
        else {
            throw KeyVaultError.badParameter("The body is not JSON with alg, and value in base64url.")
        }
        guard operation.alg == "RSA-OAEP-256" else {
            throw KeyVaultError.badParameter("The algorithm \(operation.alg.printable) is not RSA-OAEP-256.")
        }
        guard let result = try? body(key, value) else {
            throw KeyVaultError.badParameter("The value cannot be wrapped or unwrapped with this key.")
        }
        return try .json(
            Result(kid: "\(self.baseURL)/keys/\(name)/\(key.version)", value: Base64URL.encode(result))
        )
    }

    private func authenticate(_ request: Request) async throws {
        let words = request.headers[.authorization]?.split(separator: " ") ?? []
        guard
            words.count == 2, words[0].lowercased() == "bearer",
            await self.issuer.recognizes(String(words[1]), for: Self.resource)
        else {
            let authority = "\(self.baseURL)/\(self.issuer.authority.tenantID)"
            throw KeyVaultError(
                status: .unauthorized,
                code: "Unauthorized",
                reason: "The request has no bearer token of this emulator for \(Self.resource), or an expired one.",
                challenge: #"Bearer authorization="\#(authority)", resource="\#(Self.resource)""#
            )
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
