import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import AppAuthentication

struct SecurityTokenRequestTests {
    private static let id = "00112233-4455-6677-8899-AABBCCDDEEFF"

    @Test(arguments: [
        (
            TrustVersion.v13, "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue",
            "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
            "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
            "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue"
        ),
        (
            .v2005, "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue",
            "http://schemas.xmlsoap.org/ws/2005/02/trust", "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey",
            "http://schemas.xmlsoap.org/ws/2005/02/trust/Issue"
        ),
    ])
    func theRequestIsExactlyThis(
        version: TrustVersion,
        action: String,
        trust: String,
        keyType: String,
        requestType: String
    ) throws {
        let endpoint = try #require(TrustEndpoint("https://adfs.contoso.com/trust?a=1&b=2", version: version))
        let id = try #require(UUID(uuidString: Self.id))
        let message = SecurityTokenRequest(endpoint: endpoint, audience: "urn:federation:<\"Test\">", id: id)
        let expected =
            #"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#
            + #"xmlns:wsa="http://www.w3.org/2005/08/addressing"><s:Header>"#
            + #"<wsa:Action s:mustUnderstand="1">"# + action + "</wsa:Action>"
            + "<wsa:MessageID>urn:uuid:00112233-4455-6677-8899-aabbccddeeff</wsa:MessageID><wsa:ReplyTo>"
            + "<wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>"
            + #"<wsa:To s:mustUnderstand="1">https://adfs.contoso.com/trust?a=1&amp;b=2</wsa:To></s:Header>"#
            + #"<s:Body><wst:RequestSecurityToken xmlns:wst=""# + trust + #"">"#
            + #"<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference>"#
            + "<wsa:Address>urn:federation:&lt;&quot;Test&quot;&gt;</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>"
            + "<wst:KeyType>" + keyType + "</wst:KeyType><wst:RequestType>" + requestType + "</wst:RequestType>"
            + "</wst:RequestSecurityToken></s:Body></s:Envelope>"
        #expect(message.envelope == expected)
        let request = message.request(negotiateToken: Secret("dG9rZW4="))
        #expect(request.method == .post)
        #expect(request.url == endpoint.url)
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/soap+xml; charset=utf-8", "SOAPAction: \(action)",
                "Authorization: Negotiate dG9rZW4=",
            ]
        )
        #expect(request.body == Data(expected.utf8))
        #expect(throws: Never.self) { try XMLReader.read(Array(expected.utf8)) }
    }

    @Test func everyRequestHasAnIdOfItsOwn() throws {
        let endpoint = try #require(TrustEndpoint("https://adfs.contoso.com/", version: .v13))
        let first = SecurityTokenRequest(endpoint: endpoint, audience: "urn:a")
        #expect(first.envelope == first.envelope)
        #expect(first.envelope != SecurityTokenRequest(endpoint: endpoint, audience: "urn:a").envelope)
    }
}
