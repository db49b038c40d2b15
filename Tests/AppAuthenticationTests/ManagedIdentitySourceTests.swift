import Foundation
import Testing
import Transport

@testable import AppAuthentication

@Suite("ManagedIdentitySource")
struct ManagedIdentitySourceTests {
    private static let endpoint = "http://127.0.0.1:41741/msi/token"

    private static func source(_ environment: [String: String]) -> ManagedIdentitySource {
        ManagedIdentitySource(Outside.fake(environment: environment).variable)
    }

    @Test(
        arguments: [
            ([:], .metadataService(host: "http://169.254.169.254")),
            (
                ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:81/"],
                .metadataService(host: "http://127.0.0.1:81")
            ),
            (
                ["IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": "h"],
                .appService(endpoint: Self.endpoint, header: Secret("h"))
            ),
            (
                ["IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": "h", "MSI_ENDPOINT": "x", "MSI_SECRET": "s"],
                .appService(endpoint: Self.endpoint, header: Secret("h"))
            ),
            (
                ["MSI_ENDPOINT": Self.endpoint, "MSI_SECRET": "s"],
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s"))
            ),
            (
                ["IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "t"],
                .unsupported(place: "Service Fabric")
            ),
            (["IDENTITY_ENDPOINT": Self.endpoint, "IMDS_ENDPOINT": "x"], .unsupported(place: "Azure Arc")),
            (["MSI_ENDPOINT": Self.endpoint], .unsupported(place: "Azure Cloud Shell")),
            (["IDENTITY_ENDPOINT": Self.endpoint], .metadataService(host: "http://169.254.169.254")),
            (
                ["IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": " "],
                .metadataService(host: "http://169.254.169.254")
            ),
            (["IDENTITY_ENDPOINT": "", "IDENTITY_HEADER": "h"], .metadataService(host: "http://169.254.169.254")),
        ] as [([String: String], ManagedIdentitySource)]
    )
    func theEnvironmentDecides(environment: [String: String], source: ManagedIdentitySource) {
        #expect(Self.source(environment) == source)
    }

    @Test(
        arguments: [
            (
                ManagedIdentitySource.appService(endpoint: Self.endpoint, header: Secret("h")), nil,
                "\(Self.endpoint)?resource=https://vault.azure.net/&api-version=2019-08-01", "X-IDENTITY-HEADER", "h"
            ),
            (
                .appService(endpoint: Self.endpoint + "?a=b", header: Secret("h")), "id",
                "\(Self.endpoint)?a=b&resource=https://vault.azure.net/&client_id=id&api-version=2019-08-01",
                "X-IDENTITY-HEADER", "h"
            ),
            (
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s")), "id",
                "\(Self.endpoint)?resource=https://vault.azure.net/&clientid=id&api-version=2017-09-01", "secret", "s"
            ),
            (
                .metadataService(host: "http://169.254.169.254"), "a b",
                "http://169.254.169.254/metadata/identity/oauth2/token"
                    + "?resource=https://vault.azure.net/&client_id=a%20b&api-version=2019-11-01",
                "Metadata", "true"
            ),
        ] as [(ManagedIdentitySource, String?, String, String, String)]
    )
    func everySourceHasARequestOfItsOwn(
        source: ManagedIdentitySource,
        clientID: String?,
        url: String,
        header: String,
        value: String
    ) throws {
        let request = try #require(source.tokenRequest(resource: Sample.vault, clientID: clientID))
        #expect(request.method == .get)
        #expect(request.url.absoluteString == url)
        #expect(request.headers.map(\.name) == [header])
        #expect(request.headers.map(\.value) == [value])
    }

    @Test(arguments: ["not a url", "/path", "http://"])
    func anEndpointThatIsNoURLGivesNoRequest(endpoint: String) {
        let source = ManagedIdentitySource.appService(endpoint: endpoint, header: Secret("h"))
        #expect(source.tokenRequest(resource: Sample.vault, clientID: nil) == nil)
    }

    @Test func onlyTheMetadataServiceIsProbed() {
        #expect(
            Self.source([:]).probeURL?.absoluteString
                == "http://169.254.169.254/metadata/instance?api-version=2020-06-01"
        )
        #expect(Self.source(["MSI_ENDPOINT": Self.endpoint, "MSI_SECRET": "s"]).probeURL == nil)
    }
}
