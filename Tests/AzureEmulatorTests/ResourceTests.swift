import Testing

@testable import AzureEmulator

@Suite
struct ResourceTests {
    @Test(arguments: [
        "https://vault.azure.net", "https://vault.azure.net/", "api://5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e001",
        "5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e001", "urn:x",
    ])
    func aResourceIsTakenAsItIsSpelled(text: String) {
        #expect(Resource(text)?.identifier == text)
    }

    @Test(arguments: ["", "vault", "vault.azure.net", ":x", "https:", "1a:b", "https://a b", "https://\u{E9}", "a/b:c"])
    func otherTextIsNoResource(text: String) {
        #expect(Resource(text) == nil)
    }

    @Test(arguments: [
        ("https://x/.default", "https://x"), ("https://x//.default", "https://x/"),
        ("https://x/.default/.default", "https://x/.default"),
    ])
    func theSuffixOfAScopeIsTakenOffOnce(scope: String, resource: String) {
        #expect(Resource(scope: scope)?.identifier == resource)
    }

    @Test(arguments: ["https://x", "https://x/.defaults", "/.default"])
    func aScopeWithoutSuffixOrResourceIsNone(scope: String) {
        #expect(Resource(scope: scope) == nil)
    }
}
