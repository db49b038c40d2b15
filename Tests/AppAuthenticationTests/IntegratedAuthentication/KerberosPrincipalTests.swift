import Testing

@testable import AppAuthentication

struct KerberosPrincipalTests {
    @Test(arguments: [
        ("ann@CONTOSO.COM", "ann@contoso.com", "CONTOSO.COM"),
        ("Ann.Lee@CORP.Contoso.COM", "Ann.Lee@corp.contoso.com", "CORP.Contoso.COM"),
        (#"ann\@contoso.com@CORP.LOCAL"#, "ann@contoso.com", "CORP.LOCAL"),
        (#"a\\nn@X"#, #"a\nn@x"#, "X"),
        (#"o\/neil@X"#, "o/neil@x", "X"),
    ])
    func theSignInNameOfAUserIsTold(text: String, userName: String, realm: String) throws {
        let principal = try #require(KerberosPrincipal(text))
        #expect(principal.userPrincipalName == userName)
        #expect(principal.realm == realm)
        #expect(!principal.isMachineOrService)
    }

    @Test(arguments: ["WEB01$@CONTOSO.COM", "host/web01.contoso.com@CONTOSO.COM", "HTTP/x@X", "ann/admin@X"])
    func computersAndServicesAreTold(text: String) throws {
        #expect(try #require(KerberosPrincipal(text)).isMachineOrService)
    }

    @Test(arguments: ["", "ann", "@X", "ann@", #"ann\@x"#])
    func aNameWithoutARealmIsNone(text: String) {
        #expect(KerberosPrincipal(text) == nil)
    }
}
