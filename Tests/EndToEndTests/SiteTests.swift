import Foundation
import Testing

extension EndToEnd {
    /// What nginx and the programs make of requests together.
    @Suite struct SiteTests {
        @Test func aPathInAnotherSpellingIsNoWayAroundAnAccessRule() async throws {
            try await Stack.with { stack in
                for path in ["/healthz", "/readyz"] {
                    let answer = try await Browser.get(stack.vaultURL + path)
                    #expect(answer.status == 200, "\(path)")
                }
                for path in [
                    "/readyz/", "//readyz", "/readyz%2f", "/readyz/.", "/./readyz", "/x/../readyz", "/readyz//",
                    "/services/../readyz", "/services/..%2freadyz", "/services//", "/", "/nothing",
                ] {
                    let answer = try await Browser.get(stack.vaultURL + path)
                    #expect(answer.status == 404, "\(path)")
                }
                for path in ["/healthz/", "//healthz", "/healthz%2f", "//", "/x/.."] {
                    let answer = try await Browser.get(stack.pageURL + path)
                    #expect(answer.status == 404, "\(path)")
                }
            }
        }

        @Test func aTokenThatListsManyGroupsReachesTheVault() async throws {
            try await Stack.with { stack in
                let token = "Bearer e30." + String(repeating: "g", count: 30_000) + ".c2ln"
                let answer = try await Browser.get(
                    stack.vaultURL + "/services/dropbox/tokens/sampleToken",
                    method: "POST",
                    headers: ["Authorization": token]
                )
                #expect(answer.status == 401)
                #expect(answer.text.contains("Unauthorized"))
                let page = try await Browser.get(
                    stack.pageURL + "/",
                    headers: ["Cookie": "_oauth2_proxy=" + String(repeating: "c", count: 30_000)]
                )
                #expect(page.status == 200)
            }
        }
    }
}
