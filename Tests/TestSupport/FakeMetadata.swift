/// Metadata documents of a federation service, with everything that readers of them have stumbled over.
package enum FakeMetadata {
    /// An address that takes Kerberos tickets.
    package enum Endpoint: Sendable {
        case v13(String)
        case v2005(String)
    }

    /// A document with these endpoints, and with one for passwords and one for another kind of ticket besides.
    ///
    /// - Parameters:
    ///   - endpoints: In the order in which they are to stand.
    ///   - older: Whether the policies are written in the words of 2005, as AD FS does for both versions.
    ///   - extra: More elements at the end.
    /// - Returns: The document, which begins with a byte order mark and has white space around addresses.
    package static func document(_ endpoints: [Endpoint], older: Bool = true, extra: String = "") -> String {
        let sp =
            older
            ? "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy"
            : "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702"
        let parts = endpoints.enumerated().map { index, endpoint in self.parts(of: endpoint, index) }
        return """
            \u{FEFF}<?xml version="1.0" encoding="utf-8"?>
            <!-- windowstransport -->
            <wsdl:definitions name="SecurityTokenService" targetNamespace="http://tempuri.org/"
              xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="http://tempuri.org/"
              xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:sp="\(sp)"
              xmlns:http="http://schemas.microsoft.com/ws/06/2004/policy/http"
              xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
              xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:wsa10="http://www.w3.org/2005/08/addressing">
            \(self.policy("windowstransport_but_not", authentication: "http:BasicAuthentication"))
            \(parts.map(\.policy).joined(separator: "\n"))
            \(self.binding("windowstransport_but_not", action: "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue"))
            \(parts.map(\.binding).joined(separator: "\n"))
            <wsdl:service name="SecurityTokenService">
            \(self.port("windowstransport_but_not", "https://adfs.example.test/adfs/services/trust/13/windowstransport"))
            \(parts.map(\.port).joined(separator: "\n"))
            </wsdl:service>
            \(extra)
            </wsdl:definitions>
            """
    }

    private static func parts(of endpoint: Endpoint, _ index: Int) -> (policy: String, binding: String, port: String) {
        let name = "CustomBinding_\(index)"
        let (address, namespace) =
            switch endpoint {
            case .v13(let address): (address, "http://docs.oasis-open.org/ws-sx/ws-trust/200512")
            case .v2005(let address): (address, "http://schemas.xmlsoap.org/ws/2005/02/trust")
            }
        return (
            self.policy(name, authentication: "http:NegotiateAuthentication"),
            self.binding(name, action: "\(namespace)/RST/Issue"),
            self.port(name, address)
        )
    }

    package static func policy(_ name: String, authentication: String) -> String {
        """
        <wsp:Policy wsu:Id="\(name)_policy"><wsp:ExactlyOne><wsp:All><\(authentication)/>
        <sp:TransportBinding><wsp:Policy><sp:TransportToken/></wsp:Policy></sp:TransportBinding>
        </wsp:All></wsp:ExactlyOne></wsp:Policy>
        """
    }

    package static func binding(
        _ name: String,
        action: String,
        transport: String = "http://schemas.xmlsoap.org/soap/http"
    ) -> String {
        """
        <wsdl:binding name="\(name)" type="tns:Trust"><wsp:PolicyReference URI="#\(name)_policy"/>
        <soap12:binding transport="\(transport)"/>
        <wsdl:operation name="Issue"><soap12:operation soapAction="\(action)" style="document"/></wsdl:operation>
        </wsdl:binding>
        """
    }

    package static func port(_ name: String, _ address: String) -> String {
        """
        <wsdl:port name="\(name)" binding="tns:\(name)"><soap12:address location="https://elsewhere.test/"/>
        <wsa10:EndpointReference><wsa10:Address>
          \(address)
        </wsa10:Address><Identity xmlns="http://schemas.xmlsoap.org/ws/2006/02/addressingidentity"><Spn>HOST/x</Spn></Identity>
        </wsa10:EndpointReference></wsdl:port>
        """
    }
}
