import Foundation
import OAuthWire
import TokenTransport

/// The message in which a federation service is asked for an assertion (WS-Trust: RequestSecurityToken).
///
/// It says nothing of who is asking: the ticket in the HTTP header does.
struct SecurityTokenRequest: Sendable {
    let endpoint: TrustEndpoint
    /// Who the assertion is for, as in `urn:federation:MicrosoftOnline`.
    let audience: String
    let id: UUID

    init(endpoint: TrustEndpoint, audience: String, id: UUID = UUID()) {
        self.endpoint = endpoint
        self.audience = audience
        self.id = id
    }

    /// The SOAP envelope.
    var envelope: String {
        let version = self.endpoint.version
        return """
            <s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" \
            xmlns:wsa="http://www.w3.org/2005/08/addressing">\
            <s:Header>\
            <wsa:Action s:mustUnderstand="1">\(version.issueAction)</wsa:Action>\
            <wsa:MessageID>urn:uuid:\(self.id.uuidString.lowercased())</wsa:MessageID>\
            <wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>\
            <wsa:To s:mustUnderstand="1">\(self.endpoint.address.escapedForXML)</wsa:To>\
            </s:Header>\
            <s:Body><wst:RequestSecurityToken xmlns:wst="\(version.namespace)">\
            <wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference>\
            <wsa:Address>\(self.audience.escapedForXML)</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>\
            <wst:KeyType>\(version.bearerKey)</wst:KeyType>\
            <wst:RequestType>\(version.issueRequest)</wst:RequestType>\
            </wst:RequestSecurityToken></s:Body></s:Envelope>
            """
    }

    /// The HTTP request, with the ticket that proves who sends it.
    func request(negotiateToken: Secret) -> TransportRequest {
        TransportRequest(
            .post,
            url: self.endpoint.url,
            headers: [
                ("Content-Type", "application/soap+xml; charset=utf-8"),
                ("SOAPAction", self.endpoint.version.issueAction),
                ("Authorization", "Negotiate \(negotiateToken.value)"),
            ],
            body: Data(self.envelope.utf8)
        )
    }
}
