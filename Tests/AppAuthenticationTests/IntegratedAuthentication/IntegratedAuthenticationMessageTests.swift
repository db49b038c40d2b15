import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// The sentence for each cause, whole, as a caller of the library sees it; and that the documents know it.
struct IntegratedAuthenticationMessageTests {
    /// One cause, and what is said.
    struct Cause: Sendable, CustomTestStringConvertible {
        let name: String
        var tickets: any TicketSource = FakeTickets("ann@CONTOSO.COM")
        var isJoined = false
        /// The answers that are not those of a sign-in that works, by the end of the path.
        var answers: [String: TransportResponse] = [:]
        var userName: String?
        let message: String
        /// What of the message the documents have.
        let documented: String

        var testDescription: String { self.name }
    }

    private static let url = "https://adfs.contoso.com/adfs/services/trust/13/windowstransport"
    private static let realm =
        #"{"account_type":"Federated","federation_protocol":"WSTrust","federation_metadata_url":"https://a.test/mex"}"#
    private static let fault =
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Reason>"
        + "<s:Text>MSIS3126: Access denied.</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"
    private static let assertion = String(
        decoding: SecurityTokenResponseTests.body(
            SecurityTokenResponseTests.token(
                SecurityTokenResponseTests.saml1,
                SecurityTokenResponseTests.assertion,
                namespace: TrustVersion.v13.namespace
            ),
            .v13
        ),
        as: UTF8.self
    )

    static let ofTickets = [
        Cause(
            name: "library absent",
            tickets: KerberosTickets(libraryName: "libnothing.so.0"),
            message: "Kerberos is not available on this machine. "
                + "Install libgssapi-krb5-2 (Debian/Ubuntu) or krb5-libs (RHEL).",
            documented: "Kerberos is not available on this machine"
        ),
        Cause(
            name: "no cache, not joined",
            tickets: FakeTickets(failure: .noTicket(cache: "FILE:/tmp/krb5cc_0")),
            message: "This machine does not look joined to an Active Directory domain, and there is no Kerberos "
                + "ticket (FILE:/tmp/krb5cc_0). Join it (realm join) or run kinit user@REALM.",
            documented: "This machine does not look joined to an Active Directory domain"
        ),
        Cause(
            name: "no cache, joined",
            tickets: FakeTickets(failure: .noTicket(cache: "FILE:/tmp/krb5cc_0")),
            isJoined: true,
            message: "No Kerberos ticket for the current user (FILE:/tmp/krb5cc_0). Sign in with your domain "
                + "account or run kinit. Under sudo, cron or systemd the ticket of your login session is not used: "
                + "set KRB5CCNAME or a client keytab.",
            documented: "No Kerberos ticket for the current user"
        ),
        Cause(
            name: "expired",
            tickets: FakeTickets(failure: .ticketExpired(principal: "ann@CONTOSO.COM")),
            message:
                "The Kerberos ticket for ann@CONTOSO.COM has expired. Run kinit; kinit -R is for a ticket that has not expired "
                + "yet.",
            documented: "has expired. Run kinit"
        ),
        Cause(
            name: "expired on the way",
            tickets: FakeTickets("ann@CONTOSO.COM", serverFailure: KerberosError(text: "Ticket expired")),
            message:
                "The Kerberos ticket for ann@CONTOSO.COM has expired. Run kinit; kinit -R is for a ticket that has not expired "
                + "yet.",
            documented: "has expired. Run kinit"
        ),
        Cause(
            name: "settings that cannot be read",
            tickets: FakeTickets(
                failure: .configuration(files: "/etc/krb5.conf", reason: "Included profile file could not be read")
            ),
            message: "Kerberos cannot read its settings (/etc/krb5.conf): Included profile file could not be read. "
                + "Correct them, or set KRB5_CONFIG to other ones.",
            documented: "Kerberos cannot read its settings"
        ),
        Cause(
            name: "a cache that cannot be read",
            tickets: FakeTickets(failure: .unusableCache(name: "FILE:/tmp/krb5cc_0", reason: "Permission denied")),
            message:
                "The Kerberos ticket cache FILE:/tmp/krb5cc_0 cannot be used: Permission denied. Remove it and run "
                + "kinit, or set KRB5CCNAME to one that this user can read.",
            documented: "The Kerberos ticket cache … cannot be used"
        ),
        Cause(
            name: "a service of tickets that is silent",
            tickets: FakeTickets(failure: .noAnswer(limit: .seconds(10), from: .cache("KCM:"))),
            message: "The Kerberos ticket cache KCM: gave no answer within 10 s. Start the service that keeps it "
                + "(sssd-kcm), or set KRB5CCNAME to a file, such as FILE:/tmp/krb5cc_1000, for kinit and for this program.",
            documented: "The Kerberos ticket cache … gave no answer within 10 s"
        ),
        Cause(
            name: "a keytab that is missing",
            tickets: FakeTickets(
                failure: .unusableKeytab(name: "FILE:/k", reason: "No such file or directory", cache: "FILE:/c")
            ),
            message:
                "There is no Kerberos ticket (FILE:/c), and the client keytab FILE:/k that would get one cannot be "
                + "used: No such file or directory. Put the keys there for this user to read, or correct "
                + "KRB5_CLIENT_KTNAME.",
            documented: "and the client keytab … that would get one cannot be used"
        ),
        Cause(
            name: "a name without a domain",
            userName: "alice",
            message: "UserName=alice is no sign-in name, because it has no domain: write it like alice@contoso.com.",
            documented: "is no sign-in name, because it has no domain"
        ),
        Cause(
            name: "a name of Windows",
            userName: "CONTOSO\\alice",
            message: "UserName=CONTOSO\\alice is no sign-in name, because it has no domain: write it like "
                + "alice@contoso.com.",
            documented: "is no sign-in name, because it has no domain"
        ),
        Cause(
            name: "no domain controller",
            tickets: FakeTickets(
                "ann@CONTOSO.COM",
                serverFailure: KerberosError(text: "Cannot contact any KDC for realm 'CONTOSO.COM'")
            ),
            message: "Cannot reach a domain controller for CONTOSO.COM. Check the network or VPN and krb5.conf.",
            documented: "Cannot reach a domain controller"
        ),
        Cause(
            name: "a silent domain controller",
            tickets: FakeTickets(
                "ann@CONTOSO.COM",
                serverFailure: .noAnswer(limit: .seconds(10), from: .domainController)
            ),
            message: "Cannot reach a domain controller: Kerberos gave no answer within 10 s. Check the network or "
                + "VPN and krb5.conf.",
            documented: "Kerberos gave no answer within 10 s"
        ),
        Cause(
            name: "clock skew",
            tickets: FakeTickets("ann@CONTOSO.COM", serverFailure: KerberosError(text: "Clock skew too great")),
            message: "The clock differs from the domain controller's by more than 5 minutes. Fix the time.",
            documented: "The clock differs from the domain controller's by more than 5 minutes"
        ),
        Cause(
            name: "a federation server with another time",
            tickets: FakeTickets("ann@CONTOSO.COM", refusal: "Clock skew too great"),
            answers: ["/windowstransport": Sample.answer(401, "", headers: [("WWW-Authenticate", "Negotiate b2s=")])],
            message:
                "The clock of adfs.contoso.com differs from this machine's by more than 5 minutes, so it refused the "
                + "Kerberos ticket. Fix the time of the one that is wrong.",
            documented: "The clock of … differs from this machine's by more than 5 minutes"
        ),
        Cause(
            name: "a federation server with another key",
            tickets: FakeTickets("ann@CONTOSO.COM", refusal: "Message stream modified"),
            answers: ["/windowstransport": Sample.answer(401, "", headers: [("WWW-Authenticate", "Negotiate b2s=")])],
            message: "Federated service at \(url) returned error: 401 Unauthorized. It did not accept the Kerberos "
                + "ticket, and Kerberos says why: Message stream modified.",
            documented: "It did not accept the Kerberos ticket, and Kerberos says why"
        ),
        Cause(
            name: "a ticket that is too long",
            answers: ["/windowstransport": Sample.answer(400, "<h1>Bad Request - Request Too Long</h1>")],
            message:
                "Federated service at \(url) returned error: 400 BadRequest. It does not take a header as long as the "
                + "Kerberos ticket, which has 24 bytes because its owner is in many groups. Raise MaxFieldLength and "
                + "MaxRequestBytes of HTTP.sys there, or the limit of the proxy in front of it.",
            documented: "It does not take a header as long as the Kerberos ticket"
        ),
        Cause(
            name: "unknown server",
            tickets: FakeTickets(
                "ann@CONTOSO.COM",
                serverFailure: KerberosError(
                    text: "Server HTTP/adfs.contoso.com@CONTOSO.COM not found in Kerberos database",
                    host: "adfs.contoso.com"
                )
            ),
            message: "Active Directory has no service principal HTTP/adfs.contoso.com: the federation server's SPN "
                + "is missing, the host name is an alias (see dns_canonicalize_hostname), or it is in an untrusted "
                + "realm.",
            documented: "Active Directory has no service principal"
        ),
        Cause(
            name: "a machine",
            tickets: FakeTickets("WEB01$@CONTOSO.COM"),
            message: "The Kerberos ticket is for WEB01$@CONTOSO.COM, a computer or service account, not a user.",
            documented: "a computer or service account, not a user"
        ),
        Cause(
            name: "a server that proves nothing",
            tickets: FakeTickets("ann@CONTOSO.COM"),
            answers: [
                "/windowstransport": Sample.answer(200, headers: [("WWW-Authenticate", "Negotiate Zm9yZ2Vk")])
            ],
            message: "The federation server did not prove its identity with Kerberos, so its answer was not used: "
                + "no proof",
            documented: "The federation server did not prove its identity with Kerberos"
        ),
        Cause(
            name: "anything else",
            tickets: FakeTickets(failure: KerberosError(text: "Decrypt integrity check failed")),
            message: "Kerberos cannot be used: Decrypt integrity check failed",
            documented: "Kerberos cannot be used"
        ),
    ]

    static let ofDomains = [
        Cause(
            name: "managed",
            answers: ["/ann@contoso.com": Sample.answer(200, #"{"account_type":"Managed"}"#)],
            message: "Integrated Windows Auth is not supported for managed users. See https://aka.ms/adal-iwa for "
                + "details. (contoso.com is not federated. If your sign-in name is not ann@contoso.com, set "
                + "UserName in the connection string.)",
            documented: "Integrated Windows Auth is not supported for managed users"
        ),
        Cause(
            name: "unknown",
            answers: ["/ann@contoso.com": Sample.answer(200, #"{"account_type":"Unknown"}"#)],
            message: "Unknown User Type. Azure AD does not know the domain contoso.com. If the Active Directory "
                + "realm differs from your sign-in domain, set UserName.",
            documented: "Unknown User Type"
        ),
        Cause(
            name: "unknown by its status",
            answers: ["/ann@contoso.com": Sample.answer(404)],
            message: "Unknown User Type. Azure AD does not know the domain contoso.com. If the Active Directory "
                + "realm differs from your sign-in domain, set UserName.",
            documented: "Unknown User Type"
        ),
        Cause(
            name: "realm discovery",
            answers: ["/ann@contoso.com": Sample.answer(302)],
            message: "User realm discovery failedInner Exception : The answer had the status 302.",
            documented: "User realm discovery failed"
        ),
        Cause(
            name: "metadata out of reach",
            answers: ["/mex": Sample.answer(404)],
            message: "Accessing WS metadata exchange failedInner Exception : https://a.test/mex answered with the "
                + "status 404.",
            documented: "Accessing WS metadata exchange failed"
        ),
        Cause(
            name: "metadata that are none",
            answers: ["/mex": Sample.answer(200, "<html/>")],
            message: "Parsing WS metadata exchange failedInner Exception : The root of the document is html, and "
                + "not definitions.",
            documented: "Parsing WS metadata exchange failed"
        ),
        Cause(
            name: "no windowstransport",
            answers: ["/mex": Sample.answer(200, FakeMetadata.document([]))],
            message: "WS-Trust endpoint not found in metadata document. (An administrator must enable "
                + "/adfs/services/trust/2005/windowstransport or /13/windowstransport.)",
            documented: "WS-Trust endpoint not found in metadata document"
        ),
    ]

    static let ofServices = [
        Cause(
            name: "401",
            answers: ["/windowstransport": Sample.answer(401, "", headers: [("WWW-Authenticate", "Negotiate")])],
            message: "Federated service at \(url) returned error: 401 Unauthorized. It did not accept the Kerberos "
                + "ticket: SPN mismatch, Extended Protection required, or you are outside the corporate network.",
            documented: "401 Unauthorized. It did not accept the Kerberos ticket"
        ),
        Cause(
            name: "404",
            answers: ["/windowstransport": Sample.answer(404, "<html/>")],
            message: "Federated service at \(url) returned error: 404 Not Found. The windowstransport endpoint is "
                + "disabled or not reachable from this network.",
            documented: "The windowstransport endpoint is disabled or not reachable from this network"
        ),
        Cause(
            name: "503",
            answers: ["/windowstransport": Sample.answer(503)],
            message: "Federated service at \(url) returned error: 503 Service Unavailable. The windowstransport "
                + "endpoint is disabled or not reachable from this network.",
            documented: "The windowstransport endpoint is disabled or not reachable from this network"
        ),
        Cause(
            name: "SOAP fault",
            answers: ["/windowstransport": Sample.answer(500, fault)],
            message: "Federated service at \(url) returned error: MSIS3126: Access denied.",
            documented: "returned error"
        ),
        Cause(
            name: "an answer that is none",
            answers: ["/windowstransport": Sample.answer(200, "<html/>")],
            message: "Parsing WS-Trust response failedInner Exception : The answer is not a SOAP envelope.",
            documented: "Parsing WS-Trust response failed"
        ),
        Cause(
            name: "no consent",
            answers: ["/oauth2/token": refusal("AADSTS65001: no consent", claims: nil)],
            message: "AADSTS65001: no consent",
            documented: "AADSTS65001"
        ),
    ]

    static let ofPolicies = ["AADSTS50076", "AADSTS50079", "AADSTS53003"].map { code in
        Cause(
            name: code,
            answers: ["/oauth2/token": refusal("\(code): More is asked.\r\nTrace ID: 1", claims: #"{"a":{"b":1}}"#)],
            message: "\(code): More is asked.\r\nTrace ID: 1 "
                + "This method cannot answer multi-factor or conditional access. "
                + #"Claims: {"a":{"b":1}}"#,
            documented: code
        )
    }

    private static func refusal(_ text: String, claims: String?) -> TransportResponse {
        var answer = ["error": "interaction_required", "error_description": text]
        answer["claims"] = claims
        let body = (try? JSONEncoder().encode(answer)) ?? Data()
        return Sample.answer(400, String(decoding: body, as: UTF8.self))
    }

    @Test(arguments: ofTickets + ofDomains + ofServices + ofPolicies)
    func everyCauseHasItsSentence(cause: Cause) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for file in cause.isJoined ? ["etc/krb5.keytab", "etc/sssd/sssd.conf"] : [] {
            let url = root.appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data().write(to: url)
        }
        let transport = FakeTransport { request in
            let path = request.url.path
            if let answer = cause.answers.first(where: { path.hasSuffix($0.key) }) { return answer.value }
            if path.hasPrefix("/common/userrealm/") { return Sample.answer(200, Self.realm) }
            if path == "/mex" { return Sample.answer(200, FakeMetadata.document([.v13(Self.url)])) }
            return Sample.answer(200, Self.assertion)
        }
        let credential = IntegratedAuthenticationCredential(
            userName: cause.userName,
            dependencies: .fake(transport: transport, tickets: cause.tickets, root: root.path(percentEncoded: false))
        )
        let failure = await #expect(throws: CredentialFailure.self) {
            try await credential.token(for: Sample.context())
        }
        #expect(
            failure?.reason
                == "Tried to get token using Active Directory Integrated Authentication. "
                + "Access token could not be acquired. \(cause.message)"
        )
    }

    @Test(arguments: ["TROUBLESHOOTING.md", "www/static/troubleshooting.html"])
    func theDocumentsSayWhatToDoAboutEach(path: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let missing = (Self.ofTickets + Self.ofDomains + Self.ofServices + Self.ofPolicies).map(\.documented)
            .filter { !text.contains($0) }
        #expect(missing == [])
    }
}
