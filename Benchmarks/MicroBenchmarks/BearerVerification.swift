import Crypto
import CryptoExtras
import Foundation
import Logging
import TokenTransport

@testable import TokenVault

/// Who calls the vault: a JWT of Entra's size, RS256, with the issuer's keys at hand.
enum BearerVerification {
    private static let issuer = "https://sts.example.com/tenant/"

    static func make() async throws -> MicroBenchmark {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let keys = try Self.keySet(key.publicKey)
        let configuration = Data(
            #"{"issuer":"\#(Self.issuer)","jwks_uri":"https://sts.example.com/keys"}"#.utf8
        )
        guard let issuer = IssuerURL(Self.issuer) else { throw CocoaError(.formatting) }
        let authenticator = BearerAuthenticator(
            issuers: [issuer],
            audiences: ["https://tokenvault.azure.net"],
            transport: ImmediateTransport { request in
                TransportResponse(status: 200, body: request.url.path == "/keys" ? keys : configuration)
            },
            logger: Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let header = "Bearer \(try Self.token(signedBy: key))"
        _ = try await authenticator.principal(authorization: header)
        return MicroBenchmark(name: "JWT verification, RS256") { count in
            for _ in 0..<count {
                use(try await authenticator.principal(authorization: header))
            }
        }
    }

    private static func token(signedBy key: _RSA.Signing.PrivateKey) throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        let claims = """
            {"aud":"https://tokenvault.azure.net","iss":"\(Self.issuer)","iat":\(now),"nbf":\(now),"exp":\(now + 86_400),\
            "aio":"\(String(repeating: "E2ZgYJi4", count: 8))","appid":"11111111-2222-4333-8444-555555555555",\
            "appidacr":"2","idp":"\(Self.issuer)","idtyp":"app","oid":"77777777-6666-4555-8444-333333333333",\
            "rh":"\(String(repeating: "0.AXoA", count: 8))","sub":"77777777-6666-4555-8444-333333333333",\
            "tid":"99999999-8888-4777-8666-555555555555","uti":"abcdefghijklmnopqrstuv","ver":"1.0"}
            """
        let signed = Base64URL.text(#"{"typ":"JWT","alg":"RS256","kid":"rsa-1"}"#) + "." + Base64URL.text(claims)
        let signature = try key.signature(
            for: SHA256.hash(data: Data(signed.utf8)),
            padding: .insecurePKCS1v1_5
        )
        return "\(signed).\(Base64URL.data(signature.rawRepresentation))"
    }

    private static func keySet(_ key: _RSA.Signing.PublicKey) throws -> Data {
        let numbers = try key.getKeyPrimitives()
        return Data(
            """
            {"keys":[{"kty":"RSA","use":"sig","kid":"rsa-1","n":"\(Base64URL.data(Data(numbers.modulus)))",\
            "e":"\(Base64URL.data(Data(numbers.publicExponent)))"}]}
            """.utf8
        )
    }
}
