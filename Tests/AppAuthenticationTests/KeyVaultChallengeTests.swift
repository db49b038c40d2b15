import Testing

@testable import AppAuthentication

@Suite("KeyVaultChallenge")
struct KeyVaultChallengeTests {
    @Test(arguments: [
        ("Bearer authorization=\"https://l/T\", resource=\"r\"", "https://l/T", "r"),
        (" Bearer authorization_uri=https://l/T,resource=r,scope=s", "https://l/T", "r"),
        (
            "Bearer authorization=\"https://a/T\", authorization_uri=\"https://b/T\", resource=\"r\", x=\"a=b\"",
            "https://a/T", "r"
        ),
    ])
    func aChallengeIsRead(header: String, authority: String, resource: String) {
        let challenge = KeyVaultChallenge(header)
        #expect(challenge?.authority == authority)
        #expect(challenge?.resource == resource)
    }

    @Test(arguments: [
        ("https://login.microsoftonline.com/abc", "https://login.microsoftonline.com/" as String?, "abc" as String?),
        ("https://login.microsoftonline.us/abc/", "https://login.microsoftonline.us/", "abc"),
        ("https://login.microsoftonline.com/abc/def", "https://login.microsoftonline.com/", "abc"),
        ("https://login.microsoftonline.com:444/abc", "https://login.microsoftonline.com/", "abc"),
        ("http://login.microsoftonline.com/abc", nil, "abc"),
        ("https://login.microsoftonline.com/", nil, nil), ("https://login.microsoftonline.com", nil, nil),
        ("https://login.microsoftonline.com/-abc", nil, nil),
        ("login.microsoftonline.com/abc", nil, nil), (" ", nil, nil), ("", nil, nil),
    ])
    func anAuthorityHasAnInstanceAndATenant(authority: String, instance: String?, tenant: String?) {
        #expect(KeyVaultChallenge.instance(of: authority) == instance)
        #expect(KeyVaultChallenge.tenantID(of: authority) == tenant)
    }

    @Test func noAuthorityHasNoTenant() {
        #expect(KeyVaultChallenge.tenantID(of: nil) == nil)
    }
}
