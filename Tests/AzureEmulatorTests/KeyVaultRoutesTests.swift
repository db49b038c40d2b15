import Foundation
import HTTPTypes
import OAuthWire
import Testing

@testable import AzureEmulator

@Suite
struct KeyVaultRoutesTests {
    private static func bearer(
        _ fixture: EmulatorFixture,
        for resource: String = "https://vault.azure.net"
    ) async throws -> [String: String] {
        let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=\(resource)"
        let token = try await fixture.get(path, ["Metadata": "true"]).json["access_token"] ?? ""
        return ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
    }

    private static func body(_ value: Data, algorithm: String = "RSA-OAEP-256") -> String {
        #"{"alg":"\#(algorithm)","value":"\#(Base64URL.encode(value))"}"#
    }

    @Test func whatIsWrappedIsUnwrapped() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let bearer = try await Self.bearer(fixture)
        let secret = Data((0..<32).map { UInt8($0) })
        let wrapped = try await fixture.post("/keys/wrapper/wrapkey?api-version=7.4", Self.body(secret), bearer)
        #expect(wrapped.status == 200)
        let value = try #require(Base64URL.decode(wrapped.json["value"] ?? ""))
        #expect(value.count == 256)
        #expect(value.range(of: secret) == nil)
        let kid = try #require(wrapped.json["kid"])
        #expect(kid.hasPrefix("\(EmulatorFixture.base)/keys/wrapper/"))
        let path = kid.dropFirst(EmulatorFixture.base.count)
        let opened = try await fixture.post("\(path)/unwrapkey?api-version=7.4", Self.body(value), bearer)
        #expect(opened.status == 200)
        #expect(Base64URL.decode(opened.json["value"] ?? "") == secret)
        // Another key opens nothing of it.
        let other = try await fixture.post("/keys/other/unwrapkey?api-version=7.4", Self.body(value), bearer)
        #expect(other.status == 400)
        #expect(other.body.contains(#""code":"BadParameter""#))
    }

    @Test(arguments: [
        ("/keys/wrapper/0123/wrapkey?api-version=7.4", 404), ("/keys/wrapper/wrapkey", 400),
        ("/keys/a.b/wrapkey?api-version=7.4", 400), ("/keys/wrapper/encrypt?api-version=7.4", 404),
    ])
    func whatIsNotThereIsRefused(path: String, status: Int) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let answer = try await fixture.post(path, Self.body(Data("x".utf8)), try await Self.bearer(fixture))
        #expect(answer.status == status)
    }

    @Test(arguments: [
        "", "{}", #"{"alg":"RSA-OAEP-256","value":"=="}"#, body(Data("x".utf8), algorithm: "RSA1_5"),
        body(Data(count: 500)),
    ])
    func whatCannotBeWrappedIsRefused(body: String) async throws {
        let fixture = try await EmulatorFixture.shared.value
        let path = "/keys/wrapper/wrapkey?api-version=7.4"
        let answer = try await fixture.post(path, body, try await Self.bearer(fixture))
        #expect(answer.status == 400)
        #expect(answer.json["error"] != nil)
    }

    @Test func onlyATokenForKeyVaultIsTaken() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let path = "/keys/wrapper/wrapkey?api-version=7.4"
        let foreign = try await Self.bearer(fixture, for: "https://management.azure.com/")
        for headers in [[:], foreign, ["Authorization": "Bearer x.y.z"]] {
            let answer = try await fixture.post(path, Self.body(Data("x".utf8)), headers)
            #expect(answer.status == 401)
            #expect(answer.headers[.wwwAuthenticate]?.contains(#"resource="https://vault.azure.net""#) == true)
        }
    }
}
