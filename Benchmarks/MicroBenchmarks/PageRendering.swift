import Foundation

@testable import TokenPage

/// What a page says when all goes well, from the pieces of the template.
enum PageRendering {
    static func make() throws -> MicroBenchmark {
        let templates = try PageTemplates(directory: "www/templates")
        var page = HomePage(
            resource: "https://tokenvault.azure.net",
            vault: "name.westcentralus.tokenvault.azure.net",
            troubleshooting: Troubleshooting(page: "/static/troubleshooting.html")
        )
        let success = templates.prepare(page)
        page.token = ImmediateTransport.vaultToken
        page.principalUsed = """
            IsAuthenticated:True Type:App AppId:11111111-2222-4333-8444-555555555555 \
            TenantId:99999999-8888-4777-8666-555555555555
            """
        page.accessTokenExpiresOn = Date(timeIntervalSince1970: 1_800_000_000)
        page.timings.identity = .microseconds(12)
        page.timings.vault = .milliseconds(21)
        return MicroBenchmark(name: "page render", most: 20_000) { [page] count in
            for _ in 0..<count {
                use(success.render(page))
            }
        }
    }
}
