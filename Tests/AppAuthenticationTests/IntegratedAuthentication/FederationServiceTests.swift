import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

struct FederationServiceTests {
    private static let url = "https://adfs.contoso.com/adfs/services/trust/2005/windowstransport"
    private static let proof = ("WWW-Authenticate", "Negotiate \(Data("proof".utf8).base64EncodedString())")
    private static let goodBody = String(
        decoding: SecurityTokenResponseTests.body(
            SecurityTokenResponseTests.token(
                SecurityTokenResponseTests.saml1,
                SecurityTokenResponseTests.assertion,
                namespace: TrustVersion.v2005.namespace
            ),
            .v2005
        ),
        as: UTF8.self
    )
    private static let fault =
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Reason><s:Text>no "
        + "\(Data("\(FakeTickets.tokenText)-1".utf8).base64EncodedString())</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"

    private static func assertion(
        _ answers: [TransportResponse],
        tickets: FakeTickets = FakeTickets()
    ) async throws -> (SAMLAssertion, FakeTransport) {
        let transport = FakeTransport(answers.map { .success($0) })
        return (try await Self.service(transport, tickets).assertion(), transport)
    }

    private static func service(_ transport: FakeTransport, _ tickets: FakeTickets) throws -> FederationService {
        FederationService(
            endpoint: try #require(TrustEndpoint(Self.url, version: .v2005)),
            audience: "urn:federation:MicrosoftOnline",
            ticket: KerberosTicket(principal: "ann@EXAMPLE.TEST", cache: "FILE:/fake"),
            dependencies: .fake(transport: transport, tickets: tickets)
        )
    }

    @Test func theTicketIsSentWithTheFirstRequest() async throws {
        let tickets = FakeTickets()
        let (assertion, transport) = try await Self.assertion(
            [Sample.answer(200, Self.goodBody, headers: [Self.proof])],
            tickets: tickets
        )
        #expect(assertion.text.value == SecurityTokenResponseTests.assertion)
        #expect(tickets.hosts == ["adfs.contoso.com"])
        #expect(tickets.answers == ["proof"])
        let authorization = transport.requests.map { request in
            request.headers.filter { $0.name == "Authorization" }.map(\.value)
        }
        #expect(authorization == [["Negotiate \(Data("\(FakeTickets.tokenText)-1".utf8).base64EncodedString())"]])
    }

    @Test func aServerThatProvesNothingIsTrustedByItsCertificate() async throws {
        let (assertion, _) = try await Self.assertion([Sample.answer(200, Self.goodBody)])
        #expect(assertion.grantType == "urn:ietf:params:oauth:grant-type:saml1_1-bearer")
    }

    @Test(arguments: [200, 500])
    func aProofThatDoesNotHoldIsAFailure(status: Int) async throws {
        let header = ("www-authenticate", "NTLM, negotiate \(Data("forged".utf8).base64EncodedString())")
        await #expect(throws: KerberosError.serverNotVerified(reason: "no proof")) {
            try await Self.assertion([Sample.answer(status, Self.goodBody, headers: [header])])
        }
    }

    @Test(arguments: [500, 502, 503, 504])
    func aServiceInTroubleIsAskedOnceMoreWithANewToken(status: Int) async throws {
        let tickets = FakeTickets()
        let (_, transport) = try await Self.assertion(
            [Sample.answer(status, "trouble"), Sample.answer(200, Self.goodBody)],
            tickets: tickets
        )
        let tokens = Set(transport.requests.flatMap { $0.headers }.filter { $0.name == "Authorization" }.map(\.value))
        #expect(tokens.count == 2)
        #expect(tickets.hosts.count == 2)
    }

    @Test(arguments: [
        (Sample.answer(401, "", headers: [("WWW-Authenticate", "Negotiate b2s=")]), 1, "ticketRefused"),
        (Sample.answer(404, "<html/>"), 1, "404 Not Found"),
        (Sample.answer(503, ""), 2, "503 Service Unavailable"),
        (Sample.answer(500, fault), 1, "returned error: no <<Redacted>>"),
        (Sample.answer(200, fault), 1, "returned error: no <<Redacted>>"),
        (
            Sample.answer(
                500,
                "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault>"
                    + "<faultcode>S:Client</faultcode><faultstring>no</faultstring></S:Fault></S:Body></S:Envelope>"
            ), 1, "returned error: no (Client)"
        ),
        (Sample.answer(400, fault), 1, "returned error: no <<Redacted>>"),
        (
            Sample.answer(500, "<html><style>a</style><p>Trouble\n at <b>h</b></p></html>"), 2,
            "returned error: Trouble at h"
        ),
        (Sample.answer(502, ""), 2, "returned error: 502 BadGateway"),
        (Sample.answer(302, "", headers: [("Location", "https://evil.test/")]), 1, "returned error: 302 Found"),
        (
            Sample.answer(200, "<html/>"), 1,
            "Parsing WS-Trust response failedInner Exception : The answer is not a SOAP"
        ),
    ])
    func aRefusalIsReported(response: TransportResponse, requests: Int, text: String) async throws {
        let transport = FakeTransport([.success(response)])
        let service = try Self.service(transport, FakeTickets())
        let error = await #expect(throws: IntegratedAuthenticationError.self) { try await service.assertion() }
        #expect(transport.requests.count == requests)
        if text == "ticketRefused" {
            #expect(error == .ticketRefused(url: Self.url, reason: nil))
        } else {
            #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
        }
        #expect(error?.message.contains(FakeTickets.tokenText) == false)
    }

    /// Of Apache, nginx, HTTP.sys and HAProxy.
    @Test(arguments: [
        (400, "<p>Size of a request header field exceeds server limit.</p>"),
        (400, "<center>Request Header Or Cookie Too Large</center>"),
        (
            400,
            "<h2>Bad Request - Request Too Long</h2><p>HTTP Error 400. The size of the request headers is too long.</p>"
        ),
        (431, ""), (413, "<h1>Payload Too Large</h1>"),
    ])
    func aTicketThatIsTooLongForTheServerIsToldFromOneThatIsRefused(status: Int, page: String) async throws {
        let transport = FakeTransport([.success(Sample.answer(status, page))])
        let service = try Self.service(transport, FakeTickets())
        let error = await #expect(throws: IntegratedAuthenticationError.self) { try await service.assertion() }
        guard case .ticketTooLarge(Self.url, let text, 24) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.hasPrefix("\(status) "))
    }

    @Test func anAnswerInUTF16IsReadLikeOneInUTF8() async throws {
        let body = try #require(Self.goodBody.data(using: .utf16))
        var response = Sample.answer(200, "")
        response.body = body
        #expect(try await Self.assertion([response]).0.text.value == SecurityTokenResponseTests.assertion)
    }

    @Test func noPartOfTheTicketIsShownHoweverAServerRepeatsIt() async throws {
        let token = Data("\(FakeTickets.tokenText)-1".utf8).base64EncodedString()
        let half = token.prefix(token.count / 2)
        for echo in [
            token, "\(half)…", "\(half)\n \(token.dropFirst(half.count))", "x\(token.dropLast(3))x",
            "\(half)%2B\(half)",
        ] {
            let transport = FakeTransport([.success(Sample.answer(400, "Bad header: Negotiate \(echo) was sent"))])
            let service = try Self.service(transport, FakeTickets())
            let error = await #expect(throws: IntegratedAuthenticationError.self) { try await service.assertion() }
            let message = error?.message ?? ""
            #expect(message.contains("Bad header: Negotiate") && message.hasSuffix("was sent"), "\(message)")
            for start in 0..<(token.count - 8) {
                #expect(!message.contains(token.dropFirst(start).prefix(8)), "\(message)")
            }
        }
    }

    @Test func aLongPageIsCut() async throws {
        let transport = FakeTransport([.success(Sample.answer(400, String(repeating: "x", count: 10_000)))])
        let service = try Self.service(transport, FakeTickets())
        let error = await #expect(throws: IntegratedAuthenticationError.self) { try await service.assertion() }
        #expect((error?.message.count ?? 0) < 700)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["<", "<style", "<script>", "eyJ", "&<!", "\"id_token\":"])
    func noPageTakesForEver(text: String) async throws {
        let page = String(repeating: text, count: (1 << 17) / text.utf8.count)
        let transport = FakeTransport([.success(Sample.answer(400, page))])
        let service = try Self.service(transport, FakeTickets())
        let error = await #expect(throws: IntegratedAuthenticationError.self) { try await service.assertion() }
        #expect((error?.message.count ?? 0) < 700)
    }

    @Test func noAnswerIsAFailureWithItsReason() async throws {
        let transport = FakeTransport([.failure(TransportError(.tls, "The certificate is not trusted."))])
        let service = try Self.service(transport, FakeTickets())
        await #expect(
            throws: IntegratedAuthenticationError.serviceUnreachable(
                url: Self.url,
                reason: "The certificate is not trusted."
            )
        ) { try await service.assertion() }
    }
}
