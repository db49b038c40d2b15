import Foundation
import OAuthWire
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("ClientSecretCredential")
struct ClientSecretCredentialTests {
    private static let authority = Sample.instance + Sample.tenantID
    private static let failed = "Access token could not be acquired. "

    private static func credential(
        _ transport: FakeTransport,
        secret: String = "s3&cr=t",
        instance: String = Sample.instance
    ) -> ClientSecretCredential {
        ClientSecretCredential(
            ApplicationRegistration(clientID: Sample.appID, tenantID: Sample.tenantID, azureADInstance: instance),
            secret: Secret(secret),
            dependencies: .fake(transport: transport)
        )
    }

    @Test func theSecretIsPostedToTheFirstVersionOfTheEndpoint() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer(expiresOn: "1767229200"))])
        let token = try await Self.credential(transport).token(for: Sample.context())
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:App AppId:\(Sample.appID) TenantId:\(Sample.tenantID)"
        )
        #expect(token.expiresOn == Date(timeIntervalSince1970: 1_767_229_200))
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url.absoluteString == "\(Sample.instance)\(Sample.tenantID)/oauth2/token")
        #expect(
            request.headers.contains { $0.name == "Content-Type" && $0.value == "application/x-www-form-urlencoded" }
        )
        #expect(
            request.body.map { String(decoding: $0, as: UTF8.self) }
                == "resource=https%3A%2F%2Fvault.azure.net%2F&client_id=\(Sample.appID)&client_secret=s3%26cr%3Dt"
                + "&grant_type=client_credentials"
        )
    }

    @Test func theTenantOfTheCallWins() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        _ = try await Self.credential(transport).token(for: Sample.context(tenantID: "other"))
        #expect(transport.requests.first?.url.absoluteString == "\(Sample.instance)other/oauth2/token")
    }

    @Test func theTenantOfATokenThatCannotBeReadIsHidden() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer("opaque"))])
        let token = try await Self.credential(transport).token(for: Sample.context())
        #expect(token.principal.tenantID == "Hidden")
        #expect(token.token == "opaque")
    }

    @Test func theTimeThatIsLeftIsEnough() async throws {
        let answer = Sample.answer(200, "{\"access_token\":\"\(Sample.appToken)\",\"expires_in\":3599}")
        let token = try await Self.credential(FakeTransport([.success(answer)])).token(for: Sample.context())
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(3_599))
    }

    @Test(
        arguments: [
            (
                .success(
                    Sample.answer(
                        401,
                        "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid\"}"
                    )
                ),
                "AADSTS7000215: Invalid", 1
            ),
            (.success(Sample.answer(400, "{\"error\":\"invalid_request\"}")), "invalid_request", 1),
            (.success(Sample.answer(400, "<html>")), "The token endpoint answered with the status 400.", 1),
            (.success(Sample.answer(503)), "The token endpoint answered with the status 503.", 4),
            (.failure(TransportError(.connection, "Connection refused")), "Connection refused", 3),
            (.failure(TransportError(.tls, "The certificate is not trusted")), "The certificate is not trusted", 1),
            (
                .success(Sample.answer(200, "nothing")),
                "Token response is not in the expected format. Exception Message: The text is not a JSON object.", 1
            ),
            (.success(Sample.answer(200, "{\"expires_in\":1}")), "Value cannot be null. (Parameter 'accessToken')", 1),
        ] as [(Result<TransportResponse, TransportError>, String, Int)]
    )
    func failuresSayWhatTheEndpointSaid(
        answer: Result<TransportResponse, TransportError>,
        reason: String,
        requests: Int
    ) async {
        let transport = FakeTransport([answer])
        await #expect(throws: CredentialFailure(Self.failed + reason, authority: Self.authority)) {
            try await Self.credential(transport).token(for: Sample.context())
        }
        #expect(transport.requests.count == requests)
    }

    @Test func anEndpointThatRepeatsTheSecretDoesNotGetItIntoTheError() async {
        let transport = FakeTransport([
            .success(Sample.answer(401, "{\"error_description\":\"Bad secret s3&cr=t provided\"}"))
        ])
        await #expect(
            throws: CredentialFailure(Self.failed + "Bad secret <<Redacted>> provided", authority: Self.authority)
        ) {
            try await Self.credential(transport).token(for: Sample.context())
        }
    }

    @Test func aSecretDoesNotTravelWhereItCouldBeRead() async {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let credential = Self.credential(transport, instance: "http://example.com/")
        await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(transport.requests.isEmpty)
    }

    @Test func aCancellationIsRethrown() async {
        let transport = FakeTransport { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) {
            try await Self.credential(transport).token(for: Sample.context())
        }
    }
}
