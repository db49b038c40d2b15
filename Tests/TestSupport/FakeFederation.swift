import Foundation

/// Plays Microsoft Entra ID and, behind an Apache that checks the tickets, AD FS.
///
/// What happens depends on the domain of the user, so that each failure has a domain of its own: its first word says which.
/// Behind `loopback.test` the same happens without TLS, for programs that do not know the certificate of Apache.
package final class FakeFederation: Sendable {
    package static let tenantID = "72f988bf-86f1-41af-91ab-2d7cd011db47"

    /// The ports of Apache.
    package let plainPort: Int
    package let securePort: Int
    private let server: LoopbackServer
    private let memory: Box<Memory>

    struct Memory: Sendable {
        var plainPort = 0
        var securePort = 0
        var assertions: [String: String] = [:]
        var refreshTokens: [String: String] = [:]
    }

    package init(plainPort: Int, securePort: Int) throws {
        let memory = Box(Memory(plainPort: plainPort, securePort: securePort))
        self.plainPort = plainPort
        self.securePort = securePort
        self.memory = memory
        self.server = try LoopbackServer { request in Self.answer(request, memory) }
    }

    package var port: Int { self.server.port }

    /// The address of Microsoft Entra ID, as `AZURE_AUTHORITY_HOST` wants it.
    package var authority: String { "http://127.0.0.1:\(self.port)/" }

    /// What it was asked until now.
    package var requests: [LoopbackServer.Request] { self.server.statistics.requests }

    /// Every text that must never be seen: assertions, and refresh tokens.
    package var secrets: [String] {
        let (assertions, tokens) = self.memory.withLock { ($0.assertions.keys, $0.refreshTokens.keys) }
        return assertions.flatMap { [$0, Data($0.utf8).base64EncodedString()] } + tokens
    }

    private static func answer(_ request: LoopbackServer.Request, _ memory: Box<Memory>) -> LoopbackServer.Answer {
        let path = request.target.split(separator: "?").first.map(String.init) ?? ""
        let parts = path.split(separator: "/").map(String.init)
        switch (request.method, parts.first) {
        case ("GET", "common"):
            return self.realm(of: parts.last?.removingPercentEncoding ?? "", request)
        case ("GET", "mex"):
            return self.metadata(for: parts.last ?? "", memory.value)
        case ("POST", "adfs"):
            return self.assertion(request, path: path, memory)
        case ("POST", _) where path.hasSuffix("/oauth2/token"):
            return self.token(request, memory)
        default:
            return .text("not here", status: 404)
        }
    }

    // MARK: Microsoft Entra ID

    private static func realm(of user: String, _ request: LoopbackServer.Request) -> LoopbackServer.Answer {
        let domain = user.split(separator: "@").last.map(String.init) ?? ""
        guard request.target.hasSuffix("?api-version=1.0"), user.contains("@") else {
            return .text("bad question", status: 400)
        }
        switch domain {
        case "nowhere.test": return .text("", status: 404)
        case "unknown.test": return .json(#"{"ver":"1.0","account_type":"Unknown"}"#)
        case "managed.test":
            return .json(#"{"ver":"1.0","account_type":"Managed","domain_name":"managed.test"}"#)
        default:
            let host = request.values(of: "Host").first ?? ""
            return .json(
                """
                {"ver":"1.0","account_type":"federated","domain_name":"\(domain)","federation_protocol":"WSTrust",
                "federation_metadata_url":"http://\(host)/mex/\(domain)",
                "cloud_audience_urn":"urn:federation:MicrosoftOnline"}
                """
            )
        }
    }

    private static func token(_ request: LoopbackServer.Request, _ memory: Box<Memory>) -> LoopbackServer.Answer {
        let form = Self.form(request.body)
        guard form["client_id"] == "d7813711-9094-4ad3-a062-cac3ec74ebe8", form["client_info"] == "1",
            form["scope"] == "openid", let resource = form["resource"], form["requested_token_use"] == nil
        else { return Self.refusal("invalid_request", "AADSTS90014: a field is missing") }
        let user: String?
        switch form["grant_type"] {
        case "urn:ietf:params:oauth:grant-type:saml1_1-bearer":
            let assertion = form["assertion"].flatMap { Data(base64Encoded: $0) }
            // The comparison stands for the signature: one byte more or less, and it does not hold.
            user = assertion.flatMap { memory.value.assertions[String(decoding: $0, as: UTF8.self)] }
        case "refresh_token":
            user = form["refresh_token"].flatMap { memory.value.refreshTokens[$0] }
        default:
            user = nil
        }
        guard let user else { return Self.refusal("invalid_grant", "AADSTS50008: the signature does not hold") }
        if user.hasPrefix("AADSTS") {
            let body =
                #"{"error":"interaction_required","error_description":"\#(user): More is asked of the user.","#
                + #""error_codes":[\#(user.dropFirst(6))],"claims":"{\"access_token\":{\"capolids\":{}}}"}"#
            return .json(body, status: 400)
        }
        let refreshToken = "refresh-\(UUID().uuidString)"
        memory.withLock { $0.refreshTokens[refreshToken] = user }
        let claims = #"{"tid":"\#(Self.tenantID)","upn":"\#(user)","exp":4102444800}"#
        return .json(
            """
            {"token_type":"Bearer","access_token":"\(SampleJWT.text(claims))","expires_on":"4102444800",
            "expires_in":"3600","resource":"\(resource)","refresh_token":"\(refreshToken)","scope":"user_impersonation"}
            """
        )
    }

    private static func refusal(_ code: String, _ text: String) -> LoopbackServer.Answer {
        .json(#"{"error":"\#(code)","error_description":"\#(text)"}"#, status: 400)
    }

    private static func form(_ body: Data) -> [String: String] {
        var form: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            form[String(parts[0])] = parts[1].replacing("+", with: " ").removingPercentEncoding
        }
        return form
    }

    // MARK: AD FS

    private static func metadata(for domain: String, _ memory: Memory) -> LoopbackServer.Answer {
        let kind = domain.split(separator: ".").first.map(String.init) ?? ""
        let isPlain = domain.hasSuffix("loopback.test")
        let scheme = isPlain ? "http" : "https"
        let port = isPlain ? memory.plainPort : memory.securePort
        let base = "\(scheme)://localhost:\(port)/adfs"
        let endpoints: [FakeMetadata.Endpoint]? =
            switch kind {
            case "nomex": nil
            case "example":
                [
                    .v2005("\(base)/services/trust/2005/windowstransport"),
                    .v13("\(base)/services/trust/13/windowstransport"),
                ]
            case "older", "loopback": [.v2005("\(base)/services/trust/2005/windowstransport")]
            case "plain": [.v2005("http://adfs.plain.test/adfs/services/trust/2005/windowstransport")]
            case "alias": [.v13("\(scheme)://127.0.0.1:\(port)/adfs/services/trust/13/windowstransport")]
            default: [.v2005("\(base)/\(kind)/2005/windowstransport")]
            }
        guard let endpoints else { return .text("no metadata", status: 404) }
        return .text(FakeMetadata.document(endpoints), type: "text/xml; charset=utf-8")
    }

    /// Checks a request as AD FS does, and answers with an assertion that no serializer would write like this.
    private static func assertion(
        _ request: LoopbackServer.Request,
        path: String,
        _ memory: Box<Memory>
    ) -> LoopbackServer.Answer {
        if path.contains("/closed/") { return .text("<html>Not here</html>", status: 404, type: "text/html") }
        if path.contains("/busy/") { return .text("<html>Not now</html>", status: 503, type: "text/html") }
        if path.contains("/moved/") {
            return .response(status: 307, headers: [("Location", "/adfs/fault/2005")], body: Data())
        }
        if path.contains("/fault/") { return Self.fault("MSIS3126: Access denied.") }
        let isOlder = path.contains("/2005/")
        let namespace =
            isOlder ? "http://schemas.xmlsoap.org/ws/2005/02/trust" : "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
        let body = String(decoding: request.body, as: UTF8.self)
        let key = isOlder ? "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey" : "\(namespace)/Bearer"
        guard request.values(of: "Content-Type") == ["application/soap+xml; charset=utf-8"],
            request.values(of: "SOAPAction") == ["\(namespace)/RST/Issue"],
            body.contains("<wsa:Action s:mustUnderstand=\"1\">\(namespace)/RST/Issue</wsa:Action>"),
            body.contains("<wst:KeyType>\(key)</wst:KeyType>"),
            body.contains("<wst:RequestType>\(namespace)/Issue</wst:RequestType>"),
            body.contains("<wsa:Address>urn:federation:MicrosoftOnline</wsa:Address>"),
            body.contains("\(path)</wsa:To>"), !body.contains("wsse:Security"),
            let user = request.values(of: "X-Remote-User").first, user.contains("@")
        else { return Self.fault("ID3082: The request is not what was expected.") }
        let names = user.split(separator: "@")
        let upn = "\(names[0])@\(names[1].lowercased())"
        let assertion =
            "<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:1.0:assertion'\n  AssertionID=\"_\(UUID().uuidString)\" "
            + "Issuer='http://adfs.example.test/&#x61;dfs?a=1&amp;b=2' ><saml:Subject >\(upn)&#13;&#233;é+/=</saml:Subject>"
            + "\r\n\t<saml:Empty/><saml:Empty></saml:Empty></saml:Assertion >"
        // The token endpoint refuses the users of some domains.
        let refusal = path.split(separator: "/").first { $0.hasPrefix("aadsts") }.map { $0.uppercased() }
        memory.withLock { $0.assertions[assertion] = refusal ?? upn }
        let response =
            "<t:RequestSecurityTokenResponse xmlns:t=\"\(namespace)\">"
            + "<t:RequestedSecurityToken>\n \(assertion)\n</t:RequestedSecurityToken>"
            + "<t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType></t:RequestSecurityTokenResponse>"
        let content =
            isOlder
            ? response
            : "<trust:RequestSecurityTokenResponseCollection xmlns:trust=\"\(namespace)\">\(response)"
                + "</trust:RequestSecurityTokenResponseCollection>"
        return .text(
            "\u{FEFF}<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>\(content)</s:Body></s:Envelope>",
            type: "application/soap+xml; charset=utf-8"
        )
    }

    private static func fault(_ reason: String) -> LoopbackServer.Answer {
        .text(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Code>"
                + "<s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:RequestFailed</s:Value></s:Subcode></s:Code>"
                + "<s:Reason><s:Text xml:lang=\"en-US\">\(reason)</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>",
            status: 500,
            type: "application/soap+xml; charset=utf-8"
        )
    }
}
