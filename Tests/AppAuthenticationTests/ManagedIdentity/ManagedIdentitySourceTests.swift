import Foundation
import OAuthWire
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("ManagedIdentitySource")
struct ManagedIdentitySourceTests {
    private static let endpoint = "http://127.0.0.1:41741/msi/token"

    private static let workload = [
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/", "AZURE_TENANT_ID": "t",
        "AZURE_FEDERATED_TOKEN_FILE": "/f",
    ]
    private static let appService = ManagedIdentitySource.appService(endpoint: endpoint, header: Secret("h"))
    private static let older = ManagedIdentitySource.olderAppService(
        endpoint: endpoint,
        secret: Secret("s"),
        defaultClientID: nil
    )
    private static let fabric = ManagedIdentitySource.serviceFabric(
        endpoint: endpoint,
        header: Secret("h"),
        thumbprint: "t",
        version: "2019-07-01-preview"
    )
    private static let arc = ManagedIdentitySource.azureArc(endpoint: endpoint)

    private static func source(_ environment: [String: String], files: [String] = []) -> ManagedIdentitySource {
        ManagedIdentitySource(
            CredentialDependencies.fake(environment: environment).variable,
            fileExists: files.contains
        )
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
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s"), defaultClientID: nil)
            ),
            (
                ["MSI_ENDPOINT": Self.endpoint, "MSI_SECRET": "s", "DEFAULT_IDENTITY_CLIENT_ID": "d"],
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s"), defaultClientID: "d")
            ),
            (
                ["IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "t"],
                .serviceFabric(
                    endpoint: Self.endpoint,
                    header: Secret("h"),
                    thumbprint: "t",
                    version: "2019-07-01-preview"
                )
            ),
            (
                [
                    "IDENTITY_ENDPOINT": Self.endpoint, "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "t",
                    "IDENTITY_API_VERSION": "2020-05-01", "IMDS_ENDPOINT": "x",
                ],
                .serviceFabric(endpoint: Self.endpoint, header: Secret("h"), thumbprint: "t", version: "2020-05-01")
            ),
            (["IDENTITY_ENDPOINT": Self.endpoint, "IMDS_ENDPOINT": "x"], .azureArc(endpoint: Self.endpoint)),
            (["MSI_ENDPOINT": Self.endpoint], .cloudShell(endpoint: Self.endpoint)),
            (["MSI_ENDPOINT": Self.endpoint, "MSI_SECRET": " "], .cloudShell(endpoint: Self.endpoint)),
            (Self.workload, .workloadIdentity),
            (
                Self.workload.merging(["MSI_ENDPOINT": Self.endpoint]) { $1 },
                .cloudShell(endpoint: Self.endpoint)
            ),
            (
                Self.workload.filter { $0.key != "AZURE_AUTHORITY_HOST" },
                .metadataService(host: "http://169.254.169.254")
            ),
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

    @Test func theAgentOfAzureArcIsFoundByItsFileUnlessTheEnvironmentNamesAnother() {
        let agent = ManagedIdentitySource.azureArc(endpoint: "http://127.0.0.1:40342/metadata/identity/oauth2/token")
        let found = ["/opt/azcmagent/bin/himds"]
        #expect(Self.source([:], files: found) == agent)
        let pod = ["AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:81"]
        #expect(Self.source(pod, files: found) == .metadataService(host: "http://127.0.0.1:81"))
        #expect(Self.source(["MSI_ENDPOINT": "x"], files: found) == .cloudShell(endpoint: "x"))
    }

    @Test(
        arguments: [
            (
                Self.appService, .systemAssigned,
                "\(Self.endpoint)?resource=https://vault.azure.net/&api-version=2019-08-01",
                ["X-IDENTITY-HEADER: h", "Metadata: true"]
            ),
            (
                .appService(endpoint: Self.endpoint + "?a=b", header: Secret("h")), .clientID("id"),
                "\(Self.endpoint)?a=b&resource=https://vault.azure.net/&client_id=id&api-version=2019-08-01",
                ["X-IDENTITY-HEADER: h", "Metadata: true"]
            ),
            (
                Self.appService, .objectID("o"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&object_id=o&api-version=2019-08-01",
                ["X-IDENTITY-HEADER: h", "Metadata: true"]
            ),
            (
                Self.appService, .resourceID("/subscriptions/a b"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&mi_res_id=/subscriptions/a%20b"
                    + "&api-version=2019-08-01",
                ["X-IDENTITY-HEADER: h", "Metadata: true"]
            ),
            (
                Self.older, .systemAssigned,
                "\(Self.endpoint)?resource=https://vault.azure.net/&api-version=2017-09-01", ["secret: s"]
            ),
            (
                Self.older, .clientID("id"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&clientid=id&api-version=2017-09-01", ["secret: s"]
            ),
            (
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s"), defaultClientID: "d"), .systemAssigned,
                "\(Self.endpoint)?resource=https://vault.azure.net/&clientid=d&api-version=2017-09-01", ["secret: s"]
            ),
            (
                .olderAppService(endpoint: Self.endpoint, secret: Secret("s"), defaultClientID: "d"), .clientID("id"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&clientid=id&api-version=2017-09-01", ["secret: s"]
            ),
            (
                Self.fabric, .systemAssigned,
                "\(Self.endpoint)?resource=https://vault.azure.net/&api-version=2019-07-01-preview", ["Secret: h"]
            ),
            (
                Self.arc, .systemAssigned,
                "\(Self.endpoint)?resource=https://vault.azure.net/&api-version=2020-06-01", ["Metadata: true"]
            ),
            (
                Self.arc, .clientID("id"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&client_id=id&api-version=2020-06-01",
                ["Metadata: true"]
            ),
            (
                Self.arc, .objectID("o"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&object_id=o&api-version=2020-06-01",
                ["Metadata: true"]
            ),
            (
                Self.arc, .resourceID("/r"),
                "\(Self.endpoint)?resource=https://vault.azure.net/&msi_res_id=/r&api-version=2020-06-01",
                ["Metadata: true"]
            ),
            (
                .metadataService(host: "http://169.254.169.254"), .clientID("a b"),
                "http://169.254.169.254/metadata/identity/oauth2/token"
                    + "?resource=https://vault.azure.net/&client_id=a%20b&api-version=2019-11-01",
                ["Metadata: true"]
            ),
            (
                .metadataService(host: "http://169.254.169.254"), .objectID("o"),
                "http://169.254.169.254/metadata/identity/oauth2/token"
                    + "?resource=https://vault.azure.net/&object_id=o&api-version=2019-11-01",
                ["Metadata: true"]
            ),
            (
                .metadataService(host: "http://169.254.169.254"), .resourceID("/r&x"),
                "http://169.254.169.254/metadata/identity/oauth2/token"
                    + "?resource=https://vault.azure.net/&msi_res_id=/r%26x&api-version=2019-11-01",
                ["Metadata: true"]
            ),
        ] as [(ManagedIdentitySource, ManagedIdentityID, String, [String])]
    )
    func everySourceHasARequestOfItsOwn(
        source: ManagedIdentitySource,
        id: ManagedIdentityID,
        url: String,
        headers: [String]
    ) throws {
        let request = try source.tokenRequest(resource: Sample.vault, id: id)
        #expect(request.method == .get)
        #expect(request.body == nil)
        #expect(request.url.absoluteString == url)
        #expect(request.headers.map { "\($0.name): \($0.value)" } == headers)
    }

    @Test func cloudShellIsPostedAForm() throws {
        let request = try ManagedIdentitySource.cloudShell(endpoint: Self.endpoint)
            .tokenRequest(resource: Sample.vault, id: .systemAssigned)
        #expect(request.method == .post)
        #expect(request.url.absoluteString == Self.endpoint)
        #expect(request.headers.map(\.name) == ["Metadata", "Content-Type"])
        #expect(request.headers.map(\.value) == ["true", "application/x-www-form-urlencoded"])
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) } == "resource=https%3A%2F%2Fvault.azure.net%2F")
    }

    @Test(
        arguments: [
            (Self.older, .objectID("o"), "knows its identities by client id only; the user-assigned identity with"),
            (Self.older, .resourceID("r"), "with the resource id r was asked for."),
            (Self.fabric, .clientID("c"), "the configuration of the cluster decides"),
            (Self.fabric, .objectID("o"), "the configuration of the cluster decides"),
            (.cloudShell(endpoint: Self.endpoint), .clientID("c"), "Azure Cloud Shell has no user-assigned identities"),
            (.cloudShell(endpoint: Self.endpoint), .resourceID("r"), "with the resource id r was asked for; remove"),
        ] as [(ManagedIdentitySource, ManagedIdentityID, String)]
    )
    func anIdentityThatTheSourceDoesNotKnowIsRefused(
        source: ManagedIdentitySource,
        id: ManagedIdentityID,
        text: String
    ) {
        let error = #expect(throws: ManagedIdentityError.self) {
            try source.tokenRequest(resource: Sample.vault, id: id)
        }
        #expect(error?.reason.contains(text) == true)
    }

    @Test(arguments: ["not a url", "/path", "http://", "localhost:42356/msi/token", "ftp://x/"])
    func ofAnEndpointThatIsNoURLTheVariableIsNamedAndWhatWasSeen(endpoint: String) {
        for (source, variable) in [
            (ManagedIdentitySource.appService(endpoint: endpoint, header: Secret("h")), "IDENTITY_ENDPOINT"),
            (.cloudShell(endpoint: endpoint), "MSI_ENDPOINT"),
        ] {
            let reason =
                "\(variable) is '\(endpoint)', which is no URL; it has to be like http://127.0.0.1:8081/token."
            #expect(throws: ManagedIdentityError(reason)) {
                try source.tokenRequest(resource: Sample.vault, id: .systemAssigned)
            }
        }
    }

    @Test func aHeaderWithALineBreakInItIsRefusedAtOnce() {
        let source = ManagedIdentitySource.appService(endpoint: "http://127.0.0.1:1/t", header: Secret("a\r\nX: b"))
        #expect(throws: ManagedIdentityError("IDENTITY_HEADER has a line break or another control character in it.")) {
            try source.tokenRequest(resource: Sample.vault, id: .systemAssigned)
        }
    }

    @Test(arguments: [Self.appService, Self.older, Self.fabric])
    func noSourcePrintsItsSecret(source: ManagedIdentitySource) {
        let source =
            switch source {
            case .appService: ManagedIdentitySource.appService(endpoint: "e", header: Secret("S3cret"))
            case .serviceFabric:
                ManagedIdentitySource.serviceFabric(
                    endpoint: "e",
                    header: Secret("S3cret"),
                    thumbprint: "t",
                    version: "v"
                )
            default:
                ManagedIdentitySource.olderAppService(endpoint: "e", secret: Secret("S3cret"), defaultClientID: nil)
            }
        var dumped = "\(source) \(String(reflecting: source))"
        dump(source, to: &dumped)
        #expect(source.secret == Secret("S3cret"))
        #expect(!dumped.contains("S3cret"))
    }

    @Test func onlyTheMetadataServiceIsProbed() {
        #expect(
            Self.source([:]).probeURL?.absoluteString
                == "http://169.254.169.254/metadata/instance?api-version=2020-06-01"
        )
        #expect(Self.source(["MSI_ENDPOINT": Self.endpoint, "MSI_SECRET": "s"]).probeURL == nil)
    }
}
