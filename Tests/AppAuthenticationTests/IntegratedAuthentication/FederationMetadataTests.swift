import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

enum FakeMetadataSample {
    static let v13 = "https://adfs.contoso.com/adfs/services/trust/13/windowstransport"
    static let v2005 = "https://adfs.contoso.com/adfs/services/trust/2005/windowstransport"
    static let text = FakeMetadata.document([.v2005(v2005), .v13(v13)])
}

struct FederationMetadataTests {
    private static func endpoint(_ document: String) throws(XMLError) -> TrustEndpoint? {
        try FederationMetadata(Array(document.utf8)).endpoint
    }

    @Test(arguments: [true, false])
    func theNewerVersionIsTakenWhereverItStands(older: Bool) throws {
        for endpoints in [
            [FakeMetadata.Endpoint.v2005(FakeMetadataSample.v2005), .v13(FakeMetadataSample.v13)],
            [.v13(FakeMetadataSample.v13), .v2005(FakeMetadataSample.v2005)],
        ] {
            let metadata = try FederationMetadata(Array(FakeMetadata.document(endpoints, older: older).utf8))
            #expect(metadata.endpoints.count == 2)
            #expect(metadata.endpoint?.version == .v13)
            // White space around the address is not a part of it.
            #expect(metadata.endpoint?.address == FakeMetadataSample.v13)
            #expect(metadata.endpoint?.host == "adfs.contoso.com")
        }
    }

    @Test func theOlderVersionIsTakenWhereItIsAlone() throws {
        let endpoint = try Self.endpoint(FakeMetadata.document([.v2005(FakeMetadataSample.v2005)]))
        #expect(endpoint?.version == .v2005)
        #expect(endpoint?.url.absoluteString == FakeMetadataSample.v2005)
    }

    @Test func aTicketGoesToHTTPSOrToThisMachineOnly() throws {
        #expect(try Self.endpoint(FakeMetadata.document([.v2005("http://adfs.contoso.com/x")])) == nil)
        #expect(try Self.endpoint(FakeMetadata.document([.v13("http://a/x"), .v2005("https://b/y")]))?.host == "b")
        #expect(try Self.endpoint(FakeMetadata.document([.v13("http://127.0.0.1:1/x")]))?.host == "127.0.0.1")
        #expect(
            try Self.endpoint(FakeMetadata.document([.v13("HTTPS://ADFS.Contoso.com/x")]))?.host == "adfs.contoso.com"
        )
        for address in ["", "ftp://a/x", "adfs", "https://", "http://127.0.0.1.evil.test/x"] {
            #expect(try Self.endpoint(FakeMetadata.document([.v13(address)])) == nil, "\(address)")
        }
    }

    @Test func withoutAnEndpointForTicketsThereIsNone() throws {
        // The one for passwords is called windowstransport, and is not it.
        #expect(try Self.endpoint(FakeMetadata.document([])) == nil)
    }

    @Test func duplicatesDoNoHarm() throws {
        let extra =
            FakeMetadata.policy("CustomBinding_0", authentication: "http:NegotiateAuthentication")
            + FakeMetadata.binding("CustomBinding_0", action: "http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue")
        let document = FakeMetadata.document(
            [.v13(FakeMetadataSample.v13), .v13(FakeMetadataSample.v13)],
            extra: extra
        )
        #expect(try Self.endpoint(document)?.address == FakeMetadataSample.v13)
        #expect(try Self.endpoint(document)?.version == .v13)
    }

    @Test func anotherTransportOrActionIsPassedOver() throws {
        let policy = FakeMetadata.policy("other", authentication: "http:NegotiateAuthentication")
        let service = "<wsdl:service>\(FakeMetadata.port("other", "https://a/x"))</wsdl:service>"
        let action = "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue"
        for binding in [
            FakeMetadata.binding("other", action: action, transport: "http://schemas.microsoft.com/soap/tcp"),
            FakeMetadata.binding("other", action: "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Cancel"),
        ] {
            #expect(try Self.endpoint(FakeMetadata.document([], extra: policy + binding + service)) == nil)
        }
        let binding = FakeMetadata.binding("other", action: action.uppercased())
        #expect(try Self.endpoint(FakeMetadata.document([], extra: policy + binding + service))?.version == .v13)
        // A policy has to be that of a binding, and to ask for TLS.
        let bare =
            "<wsp:Policy wsu:Id=\"other_policy\"><wsp:ExactlyOne><wsp:All><http:NegotiateAuthentication/></wsp:All>"
            + "</wsp:ExactlyOne></wsp:Policy>"
        #expect(try Self.endpoint(FakeMetadata.document([], extra: bare + binding + service)) == nil)
    }

    @Test(arguments: ["", "<html/>", "<html>", "{\"error\":1}", "<definitions/>"])
    func whatIsNotSuchADocumentIsRefused(text: String) {
        #expect(throws: XMLError.self) { try Self.endpoint(text) }
    }
}
