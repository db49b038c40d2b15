import Testing

@testable import TokenVault

struct AudienceTests {
    private static let id = "0f2d4a1e-0000-4000-8000-00000000000a"

    /// The identifier in tokens of version 1, the application's id in those of version 2.
    @Test(arguments: [
        ("api://\(id)", id, true), (id, "api://\(id)", true), ("api://\(id)", "api://\(id)/", true),
        ("api://\(id)", id.uppercased(), true), ("api://\(id.uppercased())", id, true),
        ("https://tokenvault.azure.net", "https://tokenvault.azure.net/", true),
        ("api://\(id)", "api://\(id)/vault", false), ("api://\(id)", "https://\(id)", false),
        ("api://\(id)", "API://\(id)", false), ("api://vault", "vault", false), ("api://vault", "api://Vault", false),
        ("api://\(id)", "1f2d4a1e-0000-4000-8000-00000000000a", false), ("api://", "", false),
        ("https://tokenvault.azure.net", "https://tokenvault.azure.net.evil.example", false),
    ])
    func twoSpellingsOfOneApplicationAreOne(configured: String, claimed: String, isAccepted: Bool) {
        #expect((Audience(configured) == Audience(claimed)) == isAccepted)
    }
}
