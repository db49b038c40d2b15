import Foundation
import HTTPTypes
import Testing

@testable import AzureEmulator

@Suite
struct SubscriptionRoutesTests {
    private static let tokenPath =
        "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"

    @Test
    func aTokenOfTheEmulatorSeesAnEmptyList() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let token = try await fixture.get(Self.tokenPath, ["Metadata": "true"]).json["access_token"] ?? ""
        let answer = try await fixture.get(
            "/subscriptions?api-version=2022-12-01",
            ["Authorization": "Bearer \(token)"]
        )
        #expect(answer.status == 200)
        #expect(answer.body == #"{"value":[]}"#)
    }

    @Test(arguments: [nil, "Bearer", "Bearer x.y.z", "Basic eDp5"])
    func everyoneElseIsRefused(authorization: String?) async throws {
        let answer = try await EmulatorFixture.shared.value.get(
            "/subscriptions",
            authorization.map { ["Authorization": $0] } ?? [:]
        )
        #expect(answer.status == 401)
        #expect(answer.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test
    func anExpiredTokenIsRefused() async throws {
        let fixture = try await EmulatorFixture(now: { Date(timeIntervalSinceNow: -100_000) })
        let token = try await fixture.get(Self.tokenPath, ["Metadata": "true"]).json["access_token"] ?? ""
        let answer = try await fixture.get("/subscriptions", ["Authorization": "Bearer \(token)"])
        #expect(answer.status == 401)
    }
}
