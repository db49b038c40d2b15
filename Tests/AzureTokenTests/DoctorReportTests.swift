import AppAuthentication
import Testing

@testable import AzureToken

@Suite("DoctorReport")
struct DoctorReportTests {
    private static func diagnostic(
        _ credential: String,
        isSelected: Bool,
        _ outcome: Result<AccessToken, CredentialFailure>,
        _ duration: Duration
    ) -> CredentialDiagnostic {
        CredentialDiagnostic(
            credential: credential,
            troubleshooting: credential.lowercased().replacing(" ", with: "-"),
            isSelected: isSelected,
            outcome: outcome,
            duration: duration
        )
    }

    private static let diagnostics = [
        Self.diagnostic(
            "Managed identity",
            isSelected: true,
            .failure(CredentialFailure("one\n\ntwo\u{1B}")),
            .seconds(12)
        ),
        Self.diagnostic("Azure CLI", isSelected: true, .success(Sample.token()), .milliseconds(412)),
        Self.diagnostic("Azure PowerShell", isSelected: false, .success(Sample.token()), .seconds(1)),
    ]

    private static let guide = TroubleshootingGuide(path: "TROUBLESHOOTING.md")

    @Test func theTextIsAlignedAndSaysWhatToDo() {
        let principal = "IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:a@b.c"
        #expect(
            DoctorReport(Self.diagnostics, resource: "r", guide: Self.guide).text == """
                Tokens for r

                Managed identity  no token  12.00 s  selected
                    one
                    two
                    See TROUBLESHOOTING.md#managed-identity

                Azure CLI         works      0.41 s  used
                    \(principal), until \(Sample.expiryText)

                Azure PowerShell  works      1.00 s  not selected by the settings
                    \(principal), until \(Sample.expiryText)

                Used with these settings: Azure CLI.
                """
        )
    }

    @Test func aMethodThatIsNotSelectedIsNotUsed() {
        let report = DoctorReport([Self.diagnostics[0], Self.diagnostics[2]], resource: "r", guide: Self.guide)
        #expect(report.used == nil)
        #expect(report.text.hasSuffix("No method that these settings select gives a token."))
    }

    @Test func noTokenIsInIt() throws {
        let report = DoctorReport(Self.diagnostics, resource: "r", guide: Self.guide)
        var dumped = try WhoAmIReport.json(report) + report.text
        dump(report, to: &dumped)
        #expect(!dumped.contains(Sample.userToken))
    }
}
