import Testing

@testable import VaultCore

@Suite("ReturnURLParameter")
struct ReturnURLParameterTests {
    @Test(
        arguments: [
            // As published clients of the service wrote it.
            (
                "PostLoginRedirectUrl=https%3A%2F%2Fapp.example%2Fpostauth%3FserviceId%3Da%26tokenId%3Db",
                "https://app.example/postauth?serviceId=a&tokenId=b"
            ),
            (
                "PostLoginRedirectUrl=https://app.example/store/s/t/save?storeUrl=https://vault.example",
                "https://app.example/store/s/t/save?storeUrl=https://vault.example"
            ),
            ("postLoginRedirectUrl=https://app.example/x", "https://app.example/x"),
            ("PostLoginRedirectUrl=http://localhost:10329/x?a=1&b=2", "http://localhost:10329/x?a=1&b=2"),
            (
                "PostLoginRedirectUrl=https://app.example/x?u=https%3A%2F%2Fv%2F",
                "https://app.example/x?u=https%3A%2F%2Fv%2F"
            ),
            ("a=b&POSTLOGINREDIRECTURL=https://app.example/x&c=d", "https://app.example/x"),
            ("PostLoginRedirectUrl=", ""),
            ("PostLoginRedirectUrl", nil),
            ("Other=https://app.example/", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func theAddressIsReadAsClientsWroteIt(query: String, value: String?) {
        #expect(ReturnURLParameter.value(in: query) == value)
    }
}
