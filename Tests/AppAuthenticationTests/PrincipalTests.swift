import AppAuthentication
import Testing

@Suite("Principal")
struct PrincipalTests {
    @Test(arguments: [
        (Principal(kind: .app, appID: "A", tenantID: "T"), "IsAuthenticated:True Type:App AppId:A TenantId:T"),
        (
            Principal(kind: .user, tenantID: "T", userPrincipalName: "a@b.c"),
            "IsAuthenticated:True Type:User TenantId:T UserPrincipalName:a@b.c"
        ),
        (
            Principal(kind: .app, appID: "A", tenantID: "T", certificateThumbprint: "X"),
            "IsAuthenticated:True Type:App AppId:A TenantId:T CertificateThumbprint:X"
        ),
        (Principal(kind: .user, tenantID: "T"), "IsAuthenticated:True Type:User TenantId:T"),
        (Principal(kind: .app, appID: "A", tenantID: ""), "IsAuthenticated:True Type:App AppId:A TenantId:"),
        (Principal(kind: .user, isAuthenticated: false), "IsAuthenticated:False Type:User"),
    ])
    func theDescriptionSaysWhatIsKnownInAFixedOrder(principal: Principal, text: String) {
        #expect(principal.description == text)
    }
}
