import Foundation
import OAuthWire
import Testing

@testable import AppAuthentication

struct SecurityTokenResponseTests {
    static let saml1 = "urn:oasis:names:tc:SAML:1.0:assertion"
    /// Quotes, white space and references as no serializer would write them again.
    static let assertion =
        "<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:1.0:assertion'\r\n  A=\"&#x61;&gt;\" ><saml:S >é&#13;</saml:S>"
        + "\t<!-- c --><saml:E/><saml:E></saml:E></saml:Assertion >"

    static func token(_ type: String?, _ assertion: String, namespace: String) -> String {
        "<t:RequestSecurityTokenResponse xmlns:t=\"\(namespace)\" xmlns:out=\"urn:out\" xmlns=\"urn:default\">"
            + "<t:RequestedSecurityToken>\n  \(assertion)\n </t:RequestedSecurityToken>"
            + (type.map { "<t:TokenType> \($0) </t:TokenType>" } ?? "") + "</t:RequestSecurityTokenResponse>"
    }

    static func body(_ tokens: String, _ version: TrustVersion) -> [UInt8] {
        let content =
            version == .v2005
            ? tokens
            : "<w:RequestSecurityTokenResponseCollection xmlns:w=\"\(version.namespace)\">\(tokens)"
                + "</w:RequestSecurityTokenResponseCollection>"
        return Array(
            ("\u{FEFF}<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header/><s:Body>\(content)"
                + "</s:Body></s:Envelope>").utf8
        )
    }

    @Test(arguments: TrustVersion.allCases)
    func theAssertionIsTakenByteForByte(version: TrustVersion) throws {
        let body = Self.body(Self.token(Self.saml1, Self.assertion, namespace: version.namespace), version)
        let assertion = try SecurityTokenResponse(body, version: version).assertion
        #expect(Array(assertion.text.value.utf8) == Array(Self.assertion.utf8))
        #expect(Data(base64Encoded: assertion.base64.value) == Data(Self.assertion.utf8))
        #expect(assertion.base64.value.count % 4 == 0)
    }

    @Test(arguments: [
        ("urn:oasis:names:tc:SAML:1.0:assertion", "saml1_1-bearer"),
        ("http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1", "saml1_1-bearer"),
        ("urn:oasis:names:tc:SAML:2.0:assertion", "saml2-bearer"),
        ("http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0", "saml2-bearer"),
    ])
    func theTypeOfTheTokenDecidesTheGrantType(type: String, grantType: String) throws {
        let body = Self.body(Self.token(type, Self.assertion, namespace: TrustVersion.v13.namespace), .v13)
        let assertion = try SecurityTokenResponse(body, version: .v13).assertion
        #expect(assertion.grantType == "urn:ietf:params:oauth:grant-type:\(grantType)")
    }

    @Test func ofSeveralTokensTheOneOfSAML1IsTakenElseTheFirst() throws {
        let namespace = TrustVersion.v2005.namespace
        let saml2 = Self.token("urn:oasis:names:tc:SAML:2.0:assertion", "<a/>", namespace: namespace)
        let second = Self.token("urn:oasis:names:tc:SAML:2.0:assertion", "<b/>", namespace: namespace)
        // The default namespace around an assertion without a prefix would be lost.
        let declared = saml2.replacing(" xmlns=\"urn:default\"", with: "")
        let saml1 = Self.token(Self.saml1, Self.assertion, namespace: namespace)
        let chosen = try SecurityTokenResponse(Self.body(declared + saml1 + saml1, .v2005), version: .v2005)
        #expect(chosen.assertion.text.value == Self.assertion)
        let others = second.replacing(" xmlns=\"urn:default\"", with: "")
        let first = try SecurityTokenResponse(Self.body(declared + others, .v2005), version: .v2005)
        #expect(first.assertion.text.value == "<a/>")
    }

    @Test(arguments: [
        ("", "There is no token in the answer."),
        (token(nil, assertion, namespace: TrustVersion.v13.namespace), "There is no token in the answer."),
        (token(saml1, assertion, namespace: TrustVersion.v2005.namespace), "There is no token in the answer."),
        (
            token("urn:jwt", assertion, namespace: TrustVersion.v13.namespace),
            "The token type urn:jwt is not supported."
        ),
        (token(saml1, "", namespace: TrustVersion.v13.namespace), "The requested token is not one assertion."),
        (token(saml1, "text", namespace: TrustVersion.v13.namespace), "The requested token is not one assertion."),
        (token(saml1, "<x:a/><x:b/>", namespace: TrustVersion.v13.namespace), "The prefix x is not declared."),
        (
            token(saml1, "<out:a/>", namespace: TrustVersion.v13.namespace),
            "The assertion cannot be taken out of the answer: The prefix out is not declared."
        ),
        (
            token(saml1, "<a/>", namespace: TrustVersion.v13.namespace),
            "The assertion cannot be taken out of the answer: it uses a namespace declared around it."
        ),
    ])
    func anAnswerWithoutATokenThatCanBeUsedIsRefused(tokens: String, reason: String) {
        #expect(throws: XMLError(reason)) {
            try SecurityTokenResponse(Self.body(tokens, .v13), version: .v13)
        }
    }

    @Test(arguments: ["", "<html/>", "<a>"])
    func whatIsNotAnEnvelopeIsRefused(text: String) {
        #expect(throws: XMLError.self) { try SecurityTokenResponse(Array(text.utf8), version: .v13) }
    }

    @Test func nothingThatPrintsAnAssertionShowsIt() throws {
        let body = Self.body(Self.token(Self.saml1, Self.assertion, namespace: TrustVersion.v13.namespace), .v13)
        let response = try SecurityTokenResponse(body, version: .v13)
        var dumped = ""
        dump(response, to: &dumped)
        for text in [dumped, "\(response)", String(reflecting: response), "\(response.assertion.base64)"] {
            #expect(!text.contains("saml:S"))
            #expect(!text.contains(response.assertion.base64.value))
        }
    }
}

struct SOAPFaultTests {
    private static func fault(_ content: String) -> SOAPFault? {
        SOAPFault(
            Array(
                ("<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>\(content)</s:Body></s:Envelope>")
                    .utf8
            )
        )
    }

    @Test(arguments: [
        (
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:FailedAuthentication</s:Value></s:Subcode>"
                + "</s:Code><s:Reason><s:Text>\n ID3242: no </s:Text></s:Reason></s:Fault>",
            "ID3242: no (FailedAuthentication)"
        ),
        (
            "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>",
            "no (Receiver)"
        ),
        ("<s:Fault><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>", "no"),
        ("<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault>", "Sender"),
        ("<s:Fault/>", "The service gave no reason."),
    ])
    func theReasonIsFound(content: String, text: String) {
        #expect(Self.fault(content)?.text == text)
    }

    @Test func whatIsNoFaultIsNone() {
        #expect(Self.fault("<a/>") == nil)
        #expect(SOAPFault(Array("<html>500</html>".utf8)) == nil)
        #expect(SOAPFault([]) == nil)
    }
}
