import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("ManagedIdentityCredential")
struct ManagedIdentityCredentialTests {
    typealias Answer = Result<TransportResponse, TransportError>

    static let appService = [
        "IDENTITY_ENDPOINT": "http://localhost:3748/oauth2/token", "IDENTITY_HEADER": "header",
    ]
    static let used = "Tried to get token using Managed Service Identity. "
    static let notAcquired = used + "Access token could not be acquired. "
    static let down = Answer.failure(TransportError(.connection, "Connection refused"))

    static func answers(_ status: Int, _ body: String = "", times: Int = 1) -> [Answer] {
        Array(repeating: .success(Sample.answer(status, body)), count: times)
    }

    static func credential(
        _ environment: [String: String] = appService,
        clientID: String? = nil,
        retryTimeout: Duration? = nil,
        role: ManagedIdentityCredential.Role = .requested,
        transport: FakeTransport,
        probe: MetadataServiceProbe? = nil,
        clock: ManualClock = ManualClock(movesWhenSlept: true)
    ) -> ManagedIdentityCredential {
        ManagedIdentityCredential(
            clientID: clientID,
            retryTimeout: retryTimeout,
            role: role,
            dependencies: .fake(environment: environment, transport: transport, probe: probe, clock: clock)
        )
    }

    @Test func appServiceGivesATokenWhoseAnswerSaysWhenItExpires() async throws {
        let transport = FakeTransport([.success(Sample.tokenAnswer())])
        let token = try await Self.credential(transport: transport).token(for: Sample.context())
        #expect(token.token == Sample.appToken)
        #expect(token.expiresOn == (try Date("2026-01-01T01:00:00Z", strategy: .iso8601)))
        #expect(token.resource == Sample.vault)
        #expect(token.tokenType == "Bearer")
        #expect(
            token.principal.description
                == "IsAuthenticated:True Type:App AppId:\(Sample.appID) TenantId:\(Sample.tenantID)"
        )
        #expect(transport.requests.count == 1)
        #expect(transport.requests.first?.headers.first?.name == "X-IDENTITY-HEADER")
    }

    @Test func theOlderAppServiceWritesADate() async throws {
        let answer = Sample.tokenAnswer(expiresOn: "\"1/1/2026 8:46:00 AM +00:00\"")
        let transport = FakeTransport([.success(answer)])
        let environment = ["MSI_ENDPOINT": "http://127.0.0.1:1/msi", "MSI_SECRET": "s"]
        let token = try await Self.credential(environment, transport: transport).token(for: Sample.context())
        #expect(token.expiresOn == (try Date("2026-01-01T08:46:00Z", strategy: .iso8601)))
    }

    /// What the endpoint says beside the token, and for how many seconds the token is used.

    @Test(arguments: [
        ("\"expires_on\":\"soon\"", 300.0), ("\"expires_on\":\"\",\"expires_in\":\"3599\"", 3599), ("\"x\":1", 300),
        ("\"expires_on\":null", 300), ("\"expires_on\":0,\"expires_in\":60", 60), ("\"expires_on\":1e19", 300),
        ("\"expires_on\":\"1767229200000\"", 3600), ("\"expires_on\":\"1/1/2026 1:0:0 AM +00:00\"", 3600),
        ("\"expires_on\":\"2026-01-01T01:00:00.0000000\"", 3600), ("\"expires_on\":{\"a\":1},\"expires_in\":[]", 300),
    ])
    func aGoodTokenIsUsedHoweverItsExpiryIsWritten(field: String, seconds: TimeInterval) async throws {
        let transport = FakeTransport([.success(Sample.answer(200, "{\"access_token\":\"opaque\",\(field)}"))])
        let token = try await Self.credential(transport: transport).token(for: Sample.context())
        #expect(token.token == "opaque")
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(seconds))
    }

    @Test func ofATokenThatCannotBeReadThePrincipalIsTheOneThatWasAskedFor() async throws {
        let encrypted = "eyJhbGciOiJSU0EifQ.a2V5.aXY.dGV4dA.dGFn"
        let transport = FakeTransport([.success(Sample.tokenAnswer(encrypted))])
        let token = try await Self.credential(clientID: Sample.userAssignedID, transport: transport)
            .token(for: Sample.context())
        #expect(token.token == encrypted)
        #expect(token.principal == Principal(kind: .app, appID: Sample.userAssignedID))
    }

    @Test func aPersonInCloudShellIsAPerson() async throws {
        let person = Sample.jwt("{\"upn\":\"a@b.c\",\"tid\":\"t\",\"appid\":\"x\",\"scp\":\"user_impersonation\"}")
        let transport = FakeTransport([.success(Sample.tokenAnswer(person))])
        let token = try await Self.credential(["MSI_ENDPOINT": "http://127.0.0.1:1/msi"], transport: transport)
            .token(for: Sample.context())
        #expect(token.principal == Principal(kind: .user, tenantID: "t", userPrincipalName: "a@b.c"))
    }

    @Test(arguments: [200, 400, 404])
    func anyAnswerToTheProbeMeansThatTheMetadataServiceIsThere(status: Int) async throws {
        let userAssigned = Sample.jwt("{\"appid\":\"\(Sample.userAssignedID)\",\"tid\":\"t\",\"exp\":1}")
        let transport = FakeTransport([
            .success(Sample.answer(status)),
            .success(Sample.tokenAnswer(userAssigned, expiresOn: "\"1767229200\"")),
        ])
        let token = try await Self.credential([:], clientID: Sample.userAssignedID, transport: transport)
            .token(for: Sample.context())
        #expect(token.principal.appID == Sample.userAssignedID)
        #expect(token.expiresOn == (try Date("2026-01-01T01:00:00Z", strategy: .iso8601)))
        let requests = transport.requests
        #expect(requests.map { $0.url.path() } == ["/metadata/instance", "/metadata/identity/oauth2/token"])
        #expect(requests.first?.timeout == .seconds(3))
        #expect(requests.last?.url.query()?.contains("client_id=\(Sample.userAssignedID)") == true)
    }

    /// What happens on App Service, and what follows `Tried to get token using Managed Service Identity. `.

    @Test(
        arguments: [
            (
                Self.answers(400, "Incorrect format"), 1,
                "Access token could not be acquired. Received a non-retryable error. "
                    + "MSI ResponseCode: BadRequest, Response: Incorrect format"
            ),
            (
                Self.answers(401, "{}"), 1,
                "Access token could not be acquired. Received a non-retryable error. "
                    + "MSI ResponseCode: Unauthorized, Response: {}"
            ),
            (
                Self.answers(403, "no"), 1,
                "Access token could not be acquired. Received a non-retryable error. "
                    + "MSI ResponseCode: Forbidden, Response: no"
            ),
            (
                Self.answers(408), 1,
                "Access token could not be acquired. Received a non-retryable error. "
                    + "MSI ResponseCode: RequestTimeout, Response: "
            ),
            (
                Self.answers(410), 6,
                "Access token could not be acquired. Failed after 6 retries. MSI ResponseCode: Gone, Response: "
            ),
            (
                Self.answers(500, "ill"), 5,
                "Access token could not be acquired. Failed after 5 retries. "
                    + "MSI ResponseCode: InternalServerError, Response: ill"
            ),
            (
                Self.answers(418), 1,
                "Access token could not be acquired. Received a non-retryable error. MSI ResponseCode: 418, Response: "
            ),
            (
                Self.answers(429, "slow down"), 5,
                "Access token could not be acquired. Failed after 5 retries. "
                    + "MSI ResponseCode: TooManyRequests, Response: slow down"
            ),
            (
                Self.answers(404), 5,
                "Access token could not be acquired. Failed after 5 retries. MSI ResponseCode: NotFound, Response: "
            ),
            (
                [Self.down], 5,
                "Failed after 5 retries. Unable to connect to the Managed Service Identity (MSI) endpoint. "
                    + "Please check that you are running on an Azure resource that has MSI setup. Connection refused"
            ),
            (
                Self.answers(200, "{\"access"), 1,
                "Access token could not be acquired. Token response is not in the expected format. "
                    + "Exception Message: The text is not a JSON object."
            ),
            (
                Self.answers(200, "{}"), 1,
                "Access token could not be acquired. Value cannot be null. (Parameter 'accessToken')"
            ),
        ] as [([Answer], Int, String)]
    )
    private func failuresAreToldInTheWordsOfDotNET(answers: [Answer], requests: Int, reason: String) async {
        let transport = FakeTransport(answers)
        await #expect(throws: CredentialFailure(Self.used + reason)) {
            try await Self.credential(transport: transport).token(for: Sample.context())
        }
        #expect(transport.requests.count == requests)
    }

    @Test func serviceFabricRefusesAnIDAndSaysWhoDecides() async {
        let environment = [
            "IDENTITY_ENDPOINT": "https://127.0.0.1:1/t", "IDENTITY_HEADER": "h",
            "IDENTITY_SERVER_THUMBPRINT": String(repeating: "0", count: 40),
        ]
        let reason =
            "In Service Fabric the configuration of the cluster decides which identity an application has, and the "
            + "user-assigned identity with the client id c was asked for; remove its id and assign it in the application "
            + "manifest."
        await #expect(throws: CredentialFailure(Self.notAcquired + reason)) {
            try await Self.credential(environment, clientID: "c", transport: FakeTransport([]))
                .token(for: Sample.context())
        }
    }

    @Test func whatKeptAnEndpointFromBeingReachedIsInTheError() async {
        let cause = "127.0.0.1:8081 could not be reached: connection refused."
        let transport = FakeTransport([.failure(TransportError(.connection, cause))])
        let credential = Self.credential(role: .chained, transport: transport)
        let error = await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(error?.reason.hasSuffix(" " + cause) == true)
    }

    @Test func cloudShellGivesATokenWithTheTimeThatIsLeft() async throws {
        let answer = Sample.answer(200, "{\"access_token\":\"\(Sample.appToken)\",\"expires_in\":\"3599\"}")
        let transport = FakeTransport([.success(answer)])
        let token = try await Self.credential(["MSI_ENDPOINT": "http://localhost:50342/token"], transport: transport)
            .token(for: Sample.context())
        #expect(token.expiresOn == ManualClock().date.addingTimeInterval(3_599))
        #expect(transport.requests.map(\.method) == [.post])
    }

    @Test(
        arguments: [
            (.clientID("c"), " It was asked for the user-assigned identity with the client id c."),
            (.objectID("o"), " It was asked for the user-assigned identity with the object id o."),
            (.resourceID("/r"), " It was asked for the user-assigned identity with the resource id /r."),
            (.systemAssigned, ""),
        ] as [(ManagedIdentityID, String)]
    )
    func anIdentityThatDoesNotExistIsNamed(id: ManagedIdentityID, text: String) async {
        let transport = FakeTransport(Self.answers(400, "{\"error\":\"Identity not found\"}"))
        let credential = ManagedIdentityCredential(
            id: id,
            role: .requested,
            dependencies: .fake(environment: Self.appService, transport: transport)
        )
        let reason =
            "Received a non-retryable error. MSI ResponseCode: BadRequest, "
            + "Response: {\"error\":\"Identity not found\"}\(text)"
        await #expect(throws: CredentialFailure(Self.notAcquired + reason)) {
            try await credential.token(for: Sample.context())
        }
    }

    @Test func besideAWorkloadIdentityThatIsTriedByItselfOnlyTheOtherSourcesCount() async {
        let environment = [
            "AZURE_AUTHORITY_HOST": "x", "AZURE_TENANT_ID": "t", "AZURE_FEDERATED_TOKEN_FILE": "/nowhere",
        ]
        let transport = FakeTransport([.failure(TransportError(.timeout, "timed out"))])
        let dependencies = CredentialDependencies.fake(environment: environment, transport: transport)
        let credential = CredentialKind.managedIdentity.credential(isAlone: false, dependencies: dependencies)
        await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(transport.requests.map { $0.url.path() } == ["/metadata/instance"])
    }

    @Test(arguments: [
        ("X-IDENTITY-HEADER", ["IDENTITY_ENDPOINT": "http://127.0.0.1/t", "IDENTITY_HEADER": "S3cret"]),
        ("secret", ["MSI_ENDPOINT": "http://127.0.0.1/t", "MSI_SECRET": "S3cret"]),
    ])
    func aSourceThatRepeatsItsSecretDoesNotGetItIntoTheError(header: String, environment: [String: String]) async {
        let transport = FakeTransport(Self.answers(401, "bad header S3cret"))
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(environment, transport: transport).token(for: Sample.context())
        }
        #expect(transport.requests.first?.headers.first?.name == header)
        #expect(transport.requests.first?.headers.first?.value == "S3cret")
        #expect(error?.reason.hasSuffix("Response: bad header <<Redacted>>") == true)
    }

    @Test func anEndpointThatIsNoURLIsNamedAsTheCause() async {
        let environment = ["IDENTITY_ENDPOINT": "not a url", "IDENTITY_HEADER": "h"]
        let reason = "IDENTITY_ENDPOINT is 'not a url', which is no URL; it has to be like http://127.0.0.1:8081/token."
        await #expect(throws: CredentialFailure(Self.notAcquired + reason)) {
            try await Self.credential(environment, transport: FakeTransport([Self.down])).token(for: Sample.context())
        }
    }

    @Test func aTokenInARefusalIsNotShown() async {
        let transport = FakeTransport(Self.answers(400, "{\"access_token\": \"s3cret\"} \(Sample.appToken)"))
        let error = await #expect(throws: CredentialFailure.self) {
            try await Self.credential(transport: transport).token(for: Sample.context())
        }
        #expect(error?.reason.hasSuffix("Response: {\"access_token\": \"<<Redacted>>\"} <<Redacted>>") == true)
    }

    @Test func aCancellationIsRethrown() async {
        let transport = FakeTransport { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) {
            try await Self.credential(transport: transport).token(for: Sample.context())
        }
        await #expect(throws: CancellationError.self) {
            try await Self.credential([:], role: .chained, transport: transport).token(for: Sample.context())
        }
    }
}
