import AppAuthentication
import Foundation
import JWTKit
import TestSupport
import Testing
import TokenTransport

@testable import AzureEmulator

/// The library's managed identities and environment credentials, against the emulator that knows them.
@Suite(.timeLimit(.minutes(5)))
struct LibraryIdentityTests {
    private static func provider(
        _ fixture: EmulatorFixture,
        _ environment: [String: String],
        connectionString: String = ""
    ) throws -> AzureServiceTokenProvider {
        let transport = FakeTransport { request in
            let headers = Dictionary(request.headers.map { ($0.name, $0.value) }) { $1 }
            let path = request.url.path(percentEncoded: true) + (request.url.query().map { "?\($0)" } ?? "")
            let body = String(decoding: request.body ?? Data(), as: UTF8.self)
            let answer =
                request.method == .post
                ? try await fixture.post(path, body, headers) : try await fixture.get(path, headers)
            return TransportResponse(status: answer.status, body: Data(answer.body.utf8))
        }
        return try AzureServiceTokenProvider(
            connectionString: connectionString,
            environment: environment,
            transport: transport,
            commandRunner: FakeCommandRunner.nothingInstalled,
            cache: TokenCache(),
            probe: MetadataServiceProbe()
        )
    }

    /// The variables that the emulator gives to a client, without the connection string, which would win.
    private static func environment(
        _ fixture: EmulatorFixture,
        _ source: ClientEnvironment.Source
    ) throws -> [String: String] {
        var variables: [String: String] = [:]
        let text = try ClientEnvironment(emulator: fixture.emulator, source: source).text
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0] != "AzureServicesAuthConnectionString" else { continue }
            variables[parts[0]] = parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "'"))
        }
        return variables
    }

    @Test(arguments: [ClientEnvironment.Source.appService, .virtualMachine])
    func aUserAssignedIdentityIsFoundByEachOfItsIDs(source: ClientEnvironment.Source) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let environment = try Self.environment(fixture, source)
        let identity = fixture.userAssigned
        let resourceID = try #require(identity.resourceID)
        for connectionString in [
            "RunAs=App;AppId=\(identity.clientID)", "RunAs=App;ObjectId=\(identity.objectID)",
            "RunAs=App;ResourceId=\(resourceID)",
        ] {
            let provider = try Self.provider(fixture, environment, connectionString: connectionString)
            let token = try await provider.accessToken(forResource: "https://vault.azure.net")
            #expect(token.principal.appID == identity.clientID)
        }
        let named = environment.merging(["AZURE_CLIENT_ID": identity.clientID]) { $1 }
        let token = try await Self.provider(fixture, named).accessToken(forResource: "https://vault.azure.net")
        #expect(token.principal.appID == identity.clientID)
    }

    @Test(arguments: [ClientEnvironment.Source.appService, .appService2017, .virtualMachine])
    func anIdentityThatDoesNotExistIsNamed(source: ClientEnvironment.Source) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let provider = try Self.provider(
            fixture,
            try Self.environment(fixture, source),
            connectionString: "RunAs=App;AppId=nobody"
        )
        let error = await #expect(throws: AzureServiceTokenProviderError.self) {
            try await provider.accessToken(forResource: "https://vault.azure.net")
        }
        #expect(error?.description.hasSuffix("the user-assigned identity with the client id nobody.") == true)
    }

    @Test(arguments: [ClientEnvironment.Source.clientSecret, .clientCertificate])
    func theServicePrincipalOfTheEnvironmentSignsIn(source: ClientEnvironment.Source) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let provider = try Self.provider(fixture, try Self.environment(fixture, source))
        let token = try await provider.accessToken(forResource: "https://vault.azure.net")
        #expect(provider.credentialNames.first == "Environment")
        #expect(token.principal.appID == fixture.application.clientID)
        #expect(token.principal.tenantID == EmulatorFixture.tenant)
        let claims = try await fixture.publishedKeys().verify(token.token, as: AccessTokenClaims.self)
        #expect(claims.audience.hasPrefix("https://vault.azure.net"))
    }
}
