import Testing

@testable import AppAuthentication

struct IntegratedAuthenticationErrorTests {
    private static let user = "ann@contoso.com"
    private static let url = "https://adfs.contoso.com/x"

    private static let sentences: [(IntegratedAuthenticationError, String)] = [
        (
            IntegratedAuthenticationError.notAUser(principal: "WEB01$@CONTOSO.COM"),
            "The Kerberos ticket is for WEB01$@CONTOSO.COM, a computer or service account, not a user."
        ),
        (.realmDiscoveryFailed(reason: "r"), "User realm discovery failedInner Exception : r"),
        (
            .managedUser(userName: user),
            "Integrated Windows Auth is not supported for managed users. See https://aka.ms/adal-iwa for details. "
                + "(contoso.com is not federated. If your sign-in name is not ann@contoso.com, set UserName in the "
                + "connection string.)"
        ),
        (
            .unknownUserType(userName: user),
            "Unknown User Type. Azure AD does not know the domain contoso.com. If the Active Directory realm differs from "
                + "your sign-in domain, set UserName."
        ),
        (
            .personalAccount(userName: user),
            "Unknown User Type. ann@contoso.com is a personal account, and integrated authentication is for those of an "
                + "organization."
        ),
        (
            .federationProtocol("SAML20", userName: user),
            "Unknown User Type. The domain contoso.com is federated by SAML20, and integrated authentication needs WSTrust."
        ),
        (
            .metadataAddressMissing,
            "Federation Metadata Url is missing for federated user. This user type is unsupported."
        ),
        (.metadataUnreachable(reason: "r"), "Accessing WS metadata exchange failedInner Exception : r"),
        (.metadataUnreadable(reason: "r"), "Parsing WS metadata exchange failedInner Exception : r"),
        (
            .noTrustEndpoint,
            "WS-Trust endpoint not found in metadata document. (An administrator must enable "
                + "/adfs/services/trust/2005/windowstransport or /13/windowstransport.)"
        ),
        (
            .ticketRefused(url: url, reason: nil),
            "Federated service at https://adfs.contoso.com/x returned error: 401 Unauthorized. It did not accept the "
                + "Kerberos ticket: SPN mismatch, Extended Protection required, or you are outside the corporate network."
        ),
        (
            .serviceUnavailable(url: url, status: "404 Not Found"),
            "Federated service at https://adfs.contoso.com/x returned error: 404 Not Found. The windowstransport endpoint is "
                + "disabled or not reachable from this network."
        ),
        (
            .serviceRefused(url: url, reason: "MSIS1: no"),
            "Federated service at https://adfs.contoso.com/x returned error: MSIS1: no"
        ),
        (
            .serviceUnreachable(url: url, reason: "r"),
            "Federated service at https://adfs.contoso.com/x could not be reached.Inner Exception : r"
        ),
        (.responseUnreadable(reason: "r"), "Parsing WS-Trust response failedInner Exception : r"),
        (
            .tokenRefused(reason: "AADSTS65001: no consent", code: "invalid_grant", claims: nil),
            "AADSTS65001: no consent"
        ),
        (
            .tokenRefused(reason: "AADSTS50076: MFA.", code: "interaction_required", claims: #"{"a":1}"#),
            #"AADSTS50076: MFA. This method cannot answer multi-factor or conditional access. Claims: {"a":1}"#
        ),
        (
            .tokenRefused(reason: "AADSTS50079: MFA.", code: nil, claims: nil),
            "AADSTS50079: MFA. This method cannot answer multi-factor or conditional access."
        ),
        (
            .tokenRefused(reason: "AADSTS53003: CA.", code: nil, claims: nil),
            "AADSTS53003: CA. This method cannot answer multi-factor or conditional access."
        ),
    ]

    @Test(arguments: sentences)
    func everyErrorHasItsSentence(error: IntegratedAuthenticationError, message: String) {
        #expect(error.message == message)
    }
}
