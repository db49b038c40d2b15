/// The metadata document of a federation service (WSDL), as far as it says where a Kerberos ticket is taken.
///
/// Endpoints are told apart by their policy. Their addresses and the names of their bindings are chosen by people, and do
/// not say what they seem to.
struct FederationMetadata: Sendable {
    private enum Namespace {
        static let wsdl = "http://schemas.xmlsoap.org/wsdl/"
        static let policy = "http://schemas.xmlsoap.org/ws/2004/09/policy"
        static let http = "http://schemas.microsoft.com/ws/06/2004/policy/http"
        /// AD FS uses the older one for both versions of WS-Trust.
        static let securityPolicies = [
            "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
            "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy",
        ]
        static let utility =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
        static let soap12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
        static let addressing = "http://www.w3.org/2005/08/addressing"
        static let soapOverHTTP = "http://schemas.xmlsoap.org/soap/http"
    }

    /// Every endpoint that takes a ticket and may be sent one, in the order of the document.
    let endpoints: [TrustEndpoint]

    /// The endpoint to use: the newer version where there is one.
    var endpoint: TrustEndpoint? {
        self.endpoints.first { $0.version == .v13 } ?? self.endpoints.first
    }

    /// Reads a document.
    ///
    /// - Throws: ``XMLError`` when it is not such a document. One without endpoints is none the worse.
    init(_ document: [UInt8]) throws(XMLError) {
        let root = try XMLReader.read(document)
        guard root.name == XMLElement.Name(Namespace.wsdl, "definitions") else {
            throw XMLError("The root of the document is \(root.name.local), and not definitions.")
        }
        let policies = Self.ticketPolicies(in: root)
        let bindings = Self.bindings(in: root, policies: policies)
        self.endpoints = root.children(Namespace.wsdl, "service")
            .flatMap { $0.children(Namespace.wsdl, "port") }
            .compactMap { port in
                guard let binding = port.attribute("binding")?.split(separator: ":").last,
                    let version = bindings[String(binding)],
                    let address = port.child(Namespace.addressing, "EndpointReference")?
                        .child(Namespace.addressing, "Address")
                else { return nil }
                return TrustEndpoint(address.text, version: version)
            }
    }

    /// References to the policies by which a ticket proves who it is and TLS protects the exchange.
    private static func ticketPolicies(in root: XMLElement) -> Set<String> {
        let policies = root.children(Namespace.policy, "Policy").filter { policy in
            let takesTickets = policy.children(Namespace.policy, "ExactlyOne")
                .flatMap { $0.children(Namespace.policy, "All") }
                .contains { $0.child(Namespace.http, "NegotiateAuthentication") != nil }
            return takesTickets
                && policy.hasDescendant { descendant in
                    descendant.name.local == "TransportBinding"
                        && Namespace.securityPolicies.contains(descendant.name.namespace)
                }
        }
        return Set(policies.compactMap { $0.attribute("Id", in: Namespace.utility).map { "#\($0)" } })
    }

    private static func bindings(in root: XMLElement, policies: Set<String>) -> [String: TrustVersion] {
        var bindings: [String: TrustVersion] = [:]
        for binding in root.children(Namespace.wsdl, "binding") {
            let references = binding.children(Namespace.policy, "PolicyReference").compactMap { $0.attribute("URI") }
            let action = binding.child(Namespace.wsdl, "operation")?.child(Namespace.soap12, "operation")?
                .attribute("soapAction")?.lowercased()
            guard references.contains(where: policies.contains),
                binding.child(Namespace.soap12, "binding")?.attribute("transport") == Namespace.soapOverHTTP,
                let name = binding.attribute("name"), bindings[name] == nil,
                let version = TrustVersion.allCases.first(where: { $0.issueAction.lowercased() == action })
            else { continue }
            bindings[name] = version
        }
        return bindings
    }
}
