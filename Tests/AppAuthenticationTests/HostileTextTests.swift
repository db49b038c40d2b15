import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// Whatever a server, a tool or a person writes, no reader of this library ends the process.
@Suite("Text from outside")
struct HostileTextTests {
    private static let pieces = [
        "", "{", "}", "[", "]", "\"", ":", ",", ";", "=", "==", "'", "%", "%4", "%41", "?", "#", "/", "//", "\\", "\0",
        "\r\n",
        "\u{FEFF}", "\u{202E}", "é", "😀", "\u{301}", " ", "-", ".", "..", "--help", "1e19", "1e400", "-1",
        "9223372036854775808",
        "18446744073709551616", "0x", "NaN", "null", "true", "eyJ", "eyJhbGciOiJub25lIn0", "Bearer ", "Basic realm=",
        "http://",
        "https://", "[::1", "[fe80::1%25eth0]", "a%zz", "HTTP/1.1 200 OK\r\n", "Content-Length: ",
        "Transfer-Encoding: chunked\r\n\r\n",
        "ffffffffffffffff\r\n", "RunAs=App;", "AppKey=", "MsiRetryTimeout=", "TenantId=", "expires_on", "access_token",
        "exp",
        "authorization_uri=", "resource=", "<a>", "</a>", "&#x", "&#1114112;", "<![CDATA[", "2030-06-02T09:06:04Z",
        "Sun, 06 Nov 1994",
    ]

    private static func text(_ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test func noReaderTraps() {
        var generator = SeededGenerator(seed: 8)
        let now = Date(timeIntervalSince1970: 1_767_225_600)
        for _ in 0..<4_000 {
            let text = Self.text(&generator)
            let bytes = Data(text.utf8)
            if let string = try? ConnectionStringParser.parse(text) { _ = try? string.selection() }
            _ = try? TokenResponse.read(bytes).accessToken(principal: Principal(kind: .app), now: now)
            _ = try? ToolText(text).tokenResponse().accessToken(
                principal: Principal(kind: .app),
                now: now,
                zone: .machine
            )
            _ = TokenClaims(token: text).principal(otherwise: .app)
            _ = TokenClaims(token: "eyJhbGciOiJub25lIn0.\(bytes.base64EncodedString()).")
            _ = ToolWords(text).summary
            _ = AzureDeveloperCLIMessage(bytes).sentences
            _ = KeyVaultChallenge(text)?.context
            _ = try? KeyVaultSecretIdentifier(text).accepts(resource: text)
            _ = try? KeyVaultSecretBundle(bytes).certificate()
            _ = try? AuthorityHost(argument: text, environment: [:])
            _ = try? CertificateThumbprint(text)
            _ = RetryAfter.wait(text, now: now)
            _ = Redaction.removing([text, "a"], from: Redaction.removingTokens(from: text))
            _ = try? HTTPAnswerParser.answer(in: Array(text.utf8), isOver: true)
            _ = try? XMLReader.read(Array(text.utf8))
            _ = CleanedEnvironment(["AZURE_CLIENT_ID": text, "AZURE_CLIENT_SECRET": text]).variables
            for endpoint in [text, "http://127.0.0.1:\(text)"] {
                let source = ManagedIdentitySource.appService(endpoint: endpoint, header: Secret(text))
                _ = try? source.tokenRequest(resource: text, id: .resourceID(text))
                _ = ManagedIdentitySource.metadataService(host: endpoint).probeURL
            }
            let challenge = TransportResponse(status: 401, headers: [("WWW-Authenticate", text)])
            _ = try? AzureArcKeyFile(challenge: challenge)
        }
    }
}
