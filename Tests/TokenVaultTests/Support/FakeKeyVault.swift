import CryptoExtras
import Foundation
import OAuthWire
import TestSupport
import TokenTransport

/// A Key Vault with one RSA key, and the identity endpoint of App Service that gives access tokens for it.
final class FakeKeyVault: Sendable {
    static let address = "https://name.vault.azure.net/keys/wrapper"
    static let version = "0123456789abcdef0123456789abcdef"
    static let token = SampleJWT.text(#"{"tid":"tenant","oid":"object","appid":"client"}"#)
    static let identity = [
        "IDENTITY_ENDPOINT": "http://127.0.0.1:4711/msi/token", "IDENTITY_HEADER": "the-header",
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    ]

    /// One for all tests: making one takes a while.
    private static let pem = Result { try _RSA.Encryption.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation }
    /// What is answered in the place of a key, or in the place of an access token.
    let fault = Box<(@Sendable (TransportRequest) throws -> TransportResponse?)?>(nil)
    let requests = Box<[TransportRequest]>([])

    var transport: FakeTransport { FakeTransport { try self.answer($0) } }

    private func answer(_ request: TransportRequest) throws -> TransportResponse {
        self.requests.withLock { $0.append(request) }
        if let answer = try self.fault.value?(request) { return answer }
        let path = request.url.path
        if path == "/msi/token" {
            let resource = URLComponents(url: request.url, resolvingAgainstBaseURL: false)?.queryItems?
                .first { $0.name == "resource" }?.value
            guard resource == "https://vault.azure.net" else { return Self.status(400) }
            let body =
                #"{"access_token":"\#(Self.token)","expires_on":"4000000000","resource":"x","token_type":"Bearer"}"#
            return TransportResponse(
                status: 200,
                headers: [(name: "Content-Type", value: "application/json")],
                body: Data(body.utf8)
            )
        }
        let authorization = request.headers.first { $0.name == "Authorization" }?.value
        guard request.url.host == "name.vault.azure.net", authorization == "Bearer \(Self.token)",
            request.url.query == "api-version=7.4", request.method == .post
        else { return Self.status(401) }
        guard let body = try? JSONDecoder().decode([String: String].self, from: request.body ?? Data()),
            body["alg"] == "RSA-OAEP-256", let value = body["value"].flatMap({ Base64URL.decode($0) })
        else { return Self.status(400) }
        let key = try _RSA.Encryption.PrivateKey(pemRepresentation: Self.pem.get())
        let result: Data
        switch path {
        case "/keys/wrapper/wrapkey": result = try key.publicKey.encrypt(value, padding: .PKCS1_OAEP_SHA256)
        case "/keys/wrapper/\(Self.version)/unwrapkey":
            guard let opened = try? key.decrypt(value, padding: .PKCS1_OAEP_SHA256) else { return Self.status(400) }
            result = opened
        default: return Self.status(404)
        }
        let answer = ["kid": "\(Self.address)/\(Self.version)", "value": Base64URL.encode(result)]
        return TransportResponse(status: 200, headers: [], body: try JSONEncoder().encode(answer))
    }

    static func status(_ status: Int) -> TransportResponse {
        TransportResponse(status: status, headers: [], body: Data(#"{"error":{"code":"x"}}"#.utf8))
    }
}
