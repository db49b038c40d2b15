import OAuthWire

/// The message in which a federation service hands out an assertion (WS-Trust: RequestSecurityTokenResponse).
struct SecurityTokenResponse: Sendable {
    private static let soap = "http://www.w3.org/2003/05/soap-envelope"

    let assertion: SAMLAssertion

    /// Reads an answer in the version that was asked for.
    ///
    /// - Throws: ``XMLError`` that shows nothing of the assertion.
    init(_ body: [UInt8], version: TrustVersion) throws(XMLError) {
        let namespace = version.namespace
        let body = try XMLEncoding.utf8(body)
        let envelope = try XMLReader.read(body)
        guard envelope.name == XMLElement.Name(Self.soap, "Envelope"),
            let content = envelope.child(Self.soap, "Body")
        else { throw XMLError("The answer is not a SOAP envelope.") }
        let responses =
            switch version {
            case .v13:
                content.children(namespace, "RequestSecurityTokenResponseCollection")
                    .flatMap { $0.children(namespace, "RequestSecurityTokenResponse") }
            case .v2005:
                content.children(namespace, "RequestSecurityTokenResponse")
            }
        let tokens = responses.compactMap { response -> (type: String, requested: XMLElement)? in
            guard let type = response.child(namespace, "TokenType")?.text.trimmed,
                let requested = response.child(namespace, "RequestedSecurityToken")
            else { return nil }
            return (type, requested)
        }
        guard let token = tokens.first(where: { $0.type == SAMLAssertion.saml1 }) ?? tokens.first else {
            throw XMLError("There is no token in the answer.")
        }
        guard let grantType = SAMLAssertion.grantType(forTokenType: token.type) else {
            throw XMLError("The token type \(token.type.prefix(200)) is not supported.")
        }
        let text = try Self.assertion(in: token.requested, of: body)
        self.assertion = SAMLAssertion(text: Secret(text), grantType: grantType)
    }

    /// The bytes of the assertion, which has to stand on its own once it is cut out.
    private static func assertion(in requested: XMLElement, of body: [UInt8]) throws(XMLError) -> String {
        guard let element = requested.children.first, requested.children.count == 1, requested.text.isBlank else {
            throw XMLError("The requested token is not one assertion.")
        }
        let bytes = Array(body[element.range])
        let alone: XMLElement?
        do {
            alone = try XMLReader.read(bytes)
        } catch {
            throw XMLError("The assertion cannot be taken out of the answer: \(error.message)")
        }
        guard alone?.hasSameNames(as: element) == true else {
            throw XMLError("The assertion cannot be taken out of the answer: it uses a namespace declared around it.")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
