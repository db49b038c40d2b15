import Foundation
import TokenTransport

/// A network that takes no time.
struct ImmediateTransport: HTTPTransport {
    let answer: @Sendable (TransportRequest) throws -> TransportResponse

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        try self.answer(request)
    }

    /// App Service's identity endpoint for GET, a vault for POST.
    static let identityAndVault: ImmediateTransport = {
        let expiry = Int(Date().timeIntervalSince1970) + 24 * 3600
        let claims = """
            {"aud":"https://tokenvault.azure.net","appid":"11111111-2222-4333-8444-555555555555",\
            "tid":"99999999-8888-4777-8666-555555555555","exp":\(expiry)}
            """
        let token = "\(Base64URL.text(#"{"alg":"RS256"}"#)).\(Base64URL.text(claims)).\(Base64URL.text("signature"))"
        let identity = """
            {"access_token":"\(token)","expires_on":"\(expiry)","resource":"https://tokenvault.azure.net",\
            "token_type":"Bearer","client_id":"11111111-2222-4333-8444-555555555555"}
            """
        let vault = #"{"Parameters":{},"Value":{"AccessToken":"\#(Self.vaultToken)"},"ExpiresIn":14400}"#
        return ImmediateTransport { request in
            let body = Data((request.method == .get ? identity : vault).utf8)
            return TransportResponse(status: 200, headers: [("Content-Type", "application/json")], body: body)
        }
    }()

    /// As long as those of a well-known file service.
    static let vaultToken = String(repeating: "sl.BkW7-_qZ9xTr4", count: 9)

    /// The environment in which the page asks it.
    static let environment = [
        "TOKEN_VAULT_URL": "http://127.0.0.1:1/services/dropbox/tokens/sampleToken",
        "AzureServicesAuthConnectionString": "RunAs=App",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token",
        "IDENTITY_HEADER": "benchmark",
    ]
}

/// RFC 4648 section 5, without padding.
enum Base64URL {
    static func text(_ text: String) -> String {
        Self.data(Data(text.utf8))
    }

    static func data(_ data: Data) -> String {
        data.base64EncodedString()
            .replacing("+", with: "-")
            .replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
