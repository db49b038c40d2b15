import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The whole line, from the browser to the vault and back.
    @Suite struct PageTests {
        @Test func thePageShowsTheTokenAndThePrincipal() async throws {
            try await Stack.with { stack in
                let page = try await Browser.get(stack.pageURL + "/")
                #expect(page.status == 200)
                let text = page.visibleText
                #expect(text.contains("Token: \(stack.sampleToken)"))
                #expect(text.contains("Principal Used: IsAuthenticated:True Type:App AppId:"))
                #expect(text.contains("TenantId:\(stack.tenantID)"))
                #expect(!text.contains("Something went wrong"))
                #expect(page.headers["cache-control"]?.contains("no-store") == true)
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                // Azure's own token, a JWT, is nowhere to be seen.
                #expect(!page.text.contains("eyJ"))
                for name in ["page.log", "vault.log", "emulator.log", "nginx.log", "log/access.log"] {
                    #expect(!stack.log(name).contains("eyJ"), "\(name)")
                    #expect(!stack.log(name).contains(stack.sampleToken), "\(name)")
                }
            }
        }

        @Test func programsGetJSON() async throws {
            try await Stack.with { stack in
                let page = try await Browser.get(stack.pageURL + "/", headers: ["Accept": "application/json"])
                #expect(page.headers["content-type"]?.hasPrefix("application/json") == true)
                let json = try JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any]
                #expect(json?["token"] as? String == stack.sampleToken)
                #expect((json?["principalUsed"] as? String)?.hasPrefix("IsAuthenticated:True Type:App") == true)
            }
        }

        @Test func theRestOfTheSiteIsAsExpected() async throws {
            try await Stack.with { stack in
                #expect(try await Browser.get(stack.pageURL + "/healthz").status == 200)
                #expect(try await Browser.get(stack.pageURL + "/nowhere").status == 404)
                #expect(try await Browser.get(stack.pageURL + "/static/page.css").headers["content-type"] == "text/css")
                #expect(try await Browser.get(stack.pageURL + "/static/troubleshooting.html").status == 200)
                #expect(try await Browser.get(stack.pageURL + "/templates/home.mustache").status == 404)
                let post = try await Browser.get(stack.pageURL + "/", method: "POST", body: Data("x".utf8))
                #expect(post.status == 405)
                #expect(post.headers["allow"]?.contains("GET") == true)
                let head = try await Browser.get(stack.pageURL + "/", method: "HEAD")
                #expect(head.status == 200)
                #expect(head.text.isEmpty)
                #expect(Int(head.headers["content-length"] ?? "") ?? 0 > 1000)
            }
        }

        @Test func anAzureCLIThatIsLoggedInIsTheUser() async throws {
            try await Stack.with(.init(withheld: Self.identityVariables)) { stack in
                try await stack.stop("page")
                let claims = #"{"tid":"72f988bf-86f1-41af-91ab-2d7cd011db47","upn":"ann@example.com","exp":4102444800}"#
                let token = SampleJWT.text(claims)
                let script = """
                    #!/bin/sh
                    echo '{"accessToken":"\(token)","expiresOn":"2099-01-01 00:00:00.000000","tokenType":"Bearer"}'
                    """
                let directory = stack.path("cli")
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try script.write(toFile: directory + "/az", atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory + "/az")
                try await stack.startPage(
                    .init(
                        pageEnvironment: [
                            "AzureCLIPath": directory,
                            "AzureServicesAuthConnectionString": "RunAs=Developer;DeveloperTool=AzureCLI",
                        ],
                        withheld: Self.identityVariables
                    )
                )
                let page = try await stack.pageWhenUp()
                // The vault refuses the signature of this token; the page names the user all the same.
                #expect(page.visibleText.contains("Type:User"))
                #expect(page.visibleText.contains("UserPrincipalName:ann@example.com"))
                #expect(page.status == 502)
            }
        }

        @Test func aServicePrincipalWithASecretWorks() async throws {
            try await Stack.with { stack in
                let variables = try await stack.identityVariables(for: "client-secret")
                let connectionString = try #require(variables["AzureServicesAuthConnectionString"])
                let appID = try #require(connectionString.split(separator: ";").first { $0.hasPrefix("AppId=") })
                try await stack.grantAccess(appID: String(appID.dropFirst(6)))
                try await stack.stop("page")
                try await stack.startPage(
                    .init(
                        pageEnvironment: ["AzureServicesAuthConnectionString": connectionString],
                        withheld: Self.identityVariables
                    )
                )
                let page = try await stack.pageWhenUp()
                #expect(page.visibleText.contains("Token: \(stack.sampleToken)"))
                #expect(page.visibleText.contains("Type:App \(appID.replacingOccurrences(of: "=", with: ":"))"))
                #expect(!stack.log("page.log").contains("AppKey"))
            }
        }

        static let identityVariables: Set<String> = [
            "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET", "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        ]
    }
}
