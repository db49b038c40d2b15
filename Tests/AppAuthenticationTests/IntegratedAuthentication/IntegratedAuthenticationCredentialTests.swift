import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

struct IntegratedAuthenticationCredentialTests {
    private static let prefix =
        "Tried to get token using Active Directory Integrated Authentication. Access token could not be acquired. "
    private static let token = Sample.jwt(
        #"{"upn":"ann@contoso.com","tid":"\#(Sample.tenantID)","exp":4102444800}"#
    )
    private static let realm =
        #"{"account_type":"Federated","federation_metadata_url":"https://adfs.contoso.com/mex"}"#
    private static let trust = SecurityTokenResponseTests.body(
        SecurityTokenResponseTests.token(
            SecurityTokenResponseTests.saml1,
            SecurityTokenResponseTests.assertion,
            namespace: TrustVersion.v13.namespace
        ),
        .v13
    )

    /// Everything that is asked for a sign-in, with an answer of the token endpoint that a test chooses.
    private static func transport(
        _ token: @escaping @Sendable (String) -> TransportResponse = { _ in
            Sample.answer(200, #"{"access_token":"\#(token)","expires_on":"4102444800","refresh_token":"refresh-1"}"#)
        }
    ) -> FakeTransport {
        FakeTransport { request in
            let path = request.url.path
            if path.hasPrefix("/common/userrealm/") { return Sample.answer(200, self.realm) }
            if path == "/mex" { return Sample.answer(200, FakeMetadataSample.text) }
            if path.hasSuffix("/windowstransport") {
                return Sample.answer(200, String(decoding: self.trust, as: UTF8.self))
            }
            return token(String(decoding: request.body ?? Data(), as: UTF8.self))
        }
    }

    private static func credential(
        _ transport: FakeTransport,
        userName: String? = nil,
        tickets: FakeTickets = FakeTickets("ann@CONTOSO.COM"),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> IntegratedAuthenticationCredential {
        IntegratedAuthenticationCredential(
            userName: userName,
            dependencies: .fake(transport: transport, logger: logger, tickets: tickets)
        )
    }

    private static func forms(_ transport: FakeTransport) -> [String] {
        transport.requests.filter { $0.url.path.hasSuffix("/oauth2/token") }
            .map { String(decoding: $0.body ?? Data(), as: UTF8.self) }
    }

    @Test func theAssertionBecomesAToken() async throws {
        let transport = Self.transport()
        let token = try await Self.credential(transport).token(for: Sample.context())
        #expect(token.token == Self.token)
        #expect(
            "\(token.principal)"
                == "IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:ann@contoso.com"
        )
        let assertion = Data(SecurityTokenResponseTests.assertion.utf8).base64EncodedString()
        let encoded = assertion.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
        #expect(
            Self.forms(transport) == [
                "resource=https%3A%2F%2Fvault.azure.net%2F&client_id=d7813711-9094-4ad3-a062-cac3ec74ebe8&client_info=1"
                    + "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Asaml1_1-bearer&assertion=\(encoded)"
                    + "&scope=openid"
            ]
        )
        let request = try #require(transport.requests.last)
        #expect(request.url.absoluteString == "https://login.microsoftonline.com/common/oauth2/token")
        #expect(request.headers.contains { $0 == ("Accept", "application/json") })
        #expect(request.headers.contains { $0 == ("return-client-request-id", "true") })
        #expect(!request.headers.contains { $0.name == "x-ms-PKeyAuth" })
    }

    @Test func theRefreshTokenSparesTheNextSignIn() async throws {
        let transport = Self.transport()
        let tickets = FakeTickets("ann@CONTOSO.COM")
        let credential = Self.credential(transport, tickets: tickets)
        _ = try await credential.token(for: Sample.context())
        let count = transport.requests.count
        _ = try await credential.token(for: Sample.context(Sample.graph))
        #expect(transport.requests.count == count + 1)
        #expect(
            Self.forms(transport).last
                == "resource=https%3A%2F%2Fgraph.windows.net%2F&client_id=d7813711-9094-4ad3-a062-cac3ec74ebe8"
                + "&client_info=1&grant_type=refresh_token&refresh_token=refresh-1&scope=openid"
        )
        // The tenant of the first token is where the second one comes from.
        #expect(transport.requests.last?.url.path == "/\(Sample.tenantID)/oauth2/token")
        #expect(tickets.hosts.count == 1)
    }

    @Test func aRefreshTokenThatIsRefusedIsForgottenAndTheTicketUsed() async throws {
        let refused = Box(0)
        let transport = Self.transport { form in
            if form.contains("grant_type=refresh_token") {
                refused.withLock { $0 += 1 }
                return Sample.answer(400, #"{"error":"invalid_grant","error_description":"AADSTS70008: expired"}"#)
            }
            // No new one this time.
            let field = refused.value == 0 ? #","refresh_token":"refresh-1""# : ""
            return Sample.answer(200, #"{"access_token":"\#(Self.token)","expires_on":"4102444800"\#(field)}"#)
        }
        let tickets = FakeTickets("ann@CONTOSO.COM")
        let credential = Self.credential(transport, tickets: tickets)
        for _ in 0..<3 { _ = try await credential.token(for: Sample.context()) }
        #expect(refused.value == 1)
        #expect(tickets.hosts.count == 3)
    }

    @Test func whoeverHasTheTicketNowSignsInAndNotWhoHadItBefore() async throws {
        let transport = Self.transport()
        let tickets = FakeTickets("ann@CONTOSO.COM")
        let credential = Self.credential(transport, tickets: tickets)
        _ = try await credential.token(for: Sample.context())
        tickets.replace("ben@CONTOSO.COM")
        _ = try await credential.token(for: Sample.context())
        #expect(tickets.hosts.count == 2)
        #expect(Self.forms(transport).allSatisfy { !$0.contains("grant_type=refresh_token") })
        #expect(transport.requests.contains { $0.url.absoluteString.contains("/ben%40contoso.com?") })
    }

    @Test func aSignInOutlivesItsTicket() async throws {
        let transport = Self.transport()
        let tickets = FakeTickets("ann@CONTOSO.COM")
        let credential = Self.credential(transport, tickets: tickets)
        _ = try await credential.token(for: Sample.context())
        tickets.replace(failure: .ticketExpired(principal: "ann@CONTOSO.COM"))
        _ = try await credential.token(for: Sample.context())
        #expect(tickets.hosts.count == 1)
        #expect(Self.forms(transport).last?.contains("grant_type=refresh_token") == true)
    }

    @Test func aTenantOfTheCallerIsAskedAndNotRemembered() async throws {
        let transport = Self.transport()
        let credential = Self.credential(transport)
        _ = try await credential.token(for: Sample.context(tenantID: "other.test"))
        #expect(transport.requests.last?.url.path == "/other.test/oauth2/token")
        _ = try await credential.token(for: Sample.context())
        #expect(transport.requests.last?.url.path == "/common/oauth2/token")
    }

    @Test func theSettingIsTheNameThatIsLookedUpAndAnotherUserIsReported() async throws {
        let log = LogCapture()
        let transport = Self.transport()
        let logger = log.logger
        let credential = Self.credential(
            transport,
            userName: "ben@contoso.com",
            tickets: FakeTickets("ben@CORP.LOCAL"),
            logger: logger
        )
        _ = try await credential.token(for: Sample.context())
        #expect(transport.requests.first?.url.absoluteString.contains("/ben%40contoso.com?") == true)
        #expect(log.text.contains("belongs to another user than UserName says"))
        #expect(log.text.contains("ann@contoso.com"))
    }

    @Test(arguments: [
        (FakeTickets(failure: .noLibrary), "Kerberos is not available on this machine. Install"),
        (FakeTickets("WEB01$@CONTOSO.COM"), "The Kerberos ticket is for WEB01$@CONTOSO.COM, a computer"),
        (FakeTickets("ann"), "Kerberos cannot be used: the name ann in the ticket has no realm."),
        (FakeTickets(failure: .ticketExpired(principal: "ann@X")), "The Kerberos ticket for ann@X has expired."),
        (
            FakeTickets("ann@X", serverFailure: .ticketExpired(principal: nil)),
            "The Kerberos ticket for ann@X has expired."
        ),
        (
            FakeTickets("ann@X", serverFailure: .noDomainController(realm: nil)),
            "Cannot reach a domain controller for X. Check"
        ),
        (FakeTickets("ann@X", serverFailure: .clockSkew), "The clock differs from the domain controller's"),
    ])
    func aTicketThatCannotBeUsedIsTheReason(tickets: FakeTickets, reason: String) async throws {
        let credential = Self.credential(Self.transport(), tickets: tickets)
        let failure = await #expect(throws: CredentialFailure.self) {
            try await credential.token(for: Sample.context())
        }
        #expect(failure?.reason.hasPrefix(Self.prefix + reason) == true, "\(failure?.reason ?? "")")
        #expect(failure?.authority == "https://login.microsoftonline.com/common")
    }

    @Test(arguments: [
        (Sample.answer(200, "{}"), "Value cannot be null. (Parameter 'accessToken')"),
        (Sample.answer(200, #"{"access_token":"two words"}"#), "Access token is not in the expected format. "),
        (
            Sample.answer(400, #"{"error":"invalid_grant","error_description":"AADSTS50107: no such realm"}"#),
            "AADSTS50107: no such realm"
        ),
        (
            Sample.answer(
                400,
                #"{"error":"interaction_required","error_description":"AADSTS50076: MFA.","claims":"{\"c\":1}"}"#
            ),
            #"AADSTS50076: MFA. This method cannot answer multi-factor or conditional access. Claims: {"c":1}"#
        ),
    ])
    func whatTheTokenEndpointSaysIsTheReason(response: TransportResponse, reason: String) async throws {
        let credential = Self.credential(Self.transport { _ in response })
        let failure = await #expect(throws: CredentialFailure.self) {
            try await credential.token(for: Sample.context())
        }
        #expect(failure?.reason.hasPrefix(Self.prefix + reason) == true, "\(failure?.reason ?? "")")
    }

    @Test func cancellationIsNoFailure() async throws {
        let transport = FakeTransport { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) {
            try await Self.credential(transport).token(for: Sample.context())
        }
    }

    @Test func noSecretIsEverShown() async throws {
        let log = LogCapture()
        let logger = log.logger
        // Servers that say everything back to whoever asks.
        let isBroken = Box(false)
        let transport = Self.transport { form in
            guard isBroken.value else {
                return Sample.answer(
                    200,
                    #"{"access_token":"\#(Self.token)","expires_on":"4102444800","refresh_token":"refresh-1"}"#
                )
            }
            let decoded = form.removingPercentEncoding ?? ""
            let texts = #""error_description":"no: \#(form) \#(decoded)","claims":"\#(form) \#(decoded)""#
            return Sample.answer(400, #"{"error":"invalid_grant",\#(texts)}"#)
        }
        let credential = Self.credential(transport, logger: logger)
        let token = try await credential.token(for: Sample.context())
        isBroken.withLock { $0 = true }
        let failure = await #expect(throws: CredentialFailure.self) {
            try await credential.token(for: Sample.context())
        }
        var dumped = ""
        dump(credential, to: &dumped)
        dump(credential.dependencies.memory, to: &dumped)
        dump(token, to: &dumped)
        dump(try SecurityTokenResponse(Self.trust, version: .v13), to: &dumped)
        let base64 = Data(SecurityTokenResponseTests.assertion.utf8).base64EncodedString()
        let secrets = [
            FakeTickets.tokenText, Data("\(FakeTickets.tokenText)-1".utf8).base64EncodedString(), "saml:S", base64,
            base64.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D"), Self.token,
            "refresh-1",
        ]
        for text in [log.text, dumped, failure?.reason ?? "", "\(credential)", "\(token)"] {
            for secret in secrets { #expect(!text.contains(secret)) }
        }
        #expect(log.text.contains("federation service found"))
    }
}
