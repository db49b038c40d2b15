import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

struct UserRealmTests {
    private static let federated =
        #"{"ver":"1.0","account_type":"federated","federation_protocol":"WSTrust","domain_name":"contoso.com","#
        + #""federation_metadata_url":" https://adfs.contoso.com/mex ","cloud_audience_urn":"urn:federation:Test"}"#

    private static func discover(_ transport: FakeTransport, authority: String = Sample.instance + "common")
        async throws
        -> UserRealm
    {
        try await UserRealm.discover(
            userName: "ann+x@contoso.com",
            authority: authority,
            dependencies: .fake(transport: transport)
        )
    }

    @Test(arguments: [
        ("https://login.microsoftonline.com/common", "https://login.microsoftonline.com"),
        ("https://login.microsoftonline.us/\(Sample.tenantID)", "https://login.microsoftonline.us"),
        ("http://127.0.0.1:8080/common", "http://127.0.0.1:8080"),
    ])
    func theQuestionIsUnderCommonWhateverTheTenant(authority: String, host: String) async throws {
        let transport = FakeTransport([.success(Sample.answer(200, Self.federated))])
        let realm = try await Self.discover(transport, authority: authority)
        #expect(realm.metadataURL.absoluteString == "https://adfs.contoso.com/mex")
        #expect(realm.audience == "urn:federation:Test")
        let request = try #require(transport.requests.first)
        #expect(request.url.absoluteString == "\(host)/common/userrealm/ann%2Bx%40contoso.com?api-version=1.0")
        #expect(request.headers.map(\.name) == ["Accept"])
        #expect(request.method == .get)
    }

    @Test(arguments: [#","cloud_audience_urn":"""#, #","cloud_audience_urn":null"#, ""])
    func theAudienceHasADefault(field: String) throws {
        let text = #"{"account_type":"FEDERATED","federation_metadata_url":"https://a/mex"\#(field)}"#
        #expect(try UserRealm(Data(text.utf8), userName: "a@b").audience == "urn:federation:MicrosoftOnline")
    }

    @Test(arguments: [
        (#"{"account_type":"Managed"}"#, IntegratedAuthenticationError.managedUser(userName: "a@b")),
        (#"{"account_type":"managed"}"#, .managedUser(userName: "a@b")),
        (#"{"account_type":"Unknown"}"#, .unknownUserType(userName: "a@b")),
        ("{}", .unknownUserType(userName: "a@b")),
        (#"{"account_type":"Federated","domain_name":"live.com"}"#, .personalAccount(userName: "a@b")),
        (
            #"{"account_type":"Federated","federation_protocol":"SAML20","federation_metadata_url":"https://a"}"#,
            .federationProtocol("SAML20", userName: "a@b")
        ),
        (#"{"account_type":"Federated"}"#, .metadataAddressMissing),
        (#"{"account_type":"Federated","federation_metadata_url":" "}"#, .metadataAddressMissing),
        (
            #"{"account_type":"Federated","federation_metadata_url":"http://a/mex"}"#,
            .metadataUnreachable(reason: "The address http://a/mex of the metadata is not https.")
        ),
        ("<html>", .realmDiscoveryFailed(reason: "The answer is not the JSON object that was expected.")),
    ])
    func otherRealmsAreRefused(text: String, error: IntegratedAuthenticationError) {
        #expect(throws: error) { try UserRealm(Data(text.utf8), userName: "a@b") }
    }

    @Test(arguments: [
        (404, IntegratedAuthenticationError.unknownUserType(userName: "ann+x@contoso.com"), 1),
        (400, .realmDiscoveryFailed(reason: "The answer had the status 400."), 1),
        (302, .realmDiscoveryFailed(reason: "The answer had the status 302."), 1),
        (503, .realmDiscoveryFailed(reason: "The answer had the status 503."), 2),
    ])
    func otherStatusesAreFailures(status: Int, error: IntegratedAuthenticationError, requests: Int) async throws {
        let transport = FakeTransport([.success(Sample.answer(status))])
        await #expect(throws: error) { try await Self.discover(transport) }
        #expect(transport.requests.count == requests)
    }

    @Test func aServerInTroubleIsAskedAgain() async throws {
        let transport = FakeTransport([.success(Sample.answer(500)), .success(Sample.answer(200, Self.federated))])
        #expect(try await Self.discover(transport).audience == "urn:federation:Test")
    }

    @Test func noAnswerIsAFailureWithItsReason() async throws {
        let transport = FakeTransport([.failure(TransportError(.connection, "Connection refused"))])
        await #expect(throws: IntegratedAuthenticationError.realmDiscoveryFailed(reason: "Connection refused")) {
            try await Self.discover(transport)
        }
    }
}
