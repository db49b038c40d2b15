import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The page as a person of a domain, with a real ticket that a real server checks.
    @Suite(.enabled(if: KerberosLab.isInstalled, "\(KerberosLab.requirement)"))
    struct KerberosTests {
        @Test func afterKinitThePageIsTheUser() async throws {
            try await KerberosLab.with { lab in
                try await lab.kinit(tickets: "ann")
                try await self.visit(lab, tickets: "ann") { page, log in
                    // The vault does not know the issuer of this token; the page names the user all the same.
                    #expect(page.visibleText.contains("Type:User"))
                    #expect(page.visibleText.contains("TenantId:\(FakeFederation.tenantID)"))
                    #expect(page.visibleText.contains("UserPrincipalName:ann@example.test"))
                    #expect(!lab.federation.secrets.isEmpty)
                    for secret in lab.federation.secrets {
                        #expect(!page.text.contains(secret))
                        #expect(!log.contains(secret))
                    }
                    #expect(!log.contains("Negotiate "))
                    // The ticket is Ann's, whoever UserName says.
                    #expect(log.contains("belongs to another user than UserName says"))
                }
            }
        }

        @Test func withoutATicketThePageSaysWhatToDo() async throws {
            try await KerberosLab.with { lab in
                try await self.visit(lab, tickets: "nobody") { page, _ in
                    #expect(page.visibleText.contains("and there is no Kerberos ticket (FILE:\(lab.path("nobody")))"))
                    #expect(page.visibleText.contains("run kinit user@EXAMPLE.TEST"))
                    #expect(page.text.contains("#active-directory-integrated-authentication"))
                }
            }
        }

        private func visit(
            _ lab: KerberosLab,
            tickets: String,
            _ body: (Browser.Page, String) throws -> Void
        ) async throws {
            var options = Stack.Options(withheld: PageTests.identityVariables)
            options.pageEnvironment = try lab.environment(tickets: tickets)
            options.pageEnvironment["AZURE_AUTHORITY_HOST"] = lab.federation.authority
            options.pageEnvironment["AzureServicesAuthConnectionString"] = "RunAs=CurrentUser;UserName=ann@loopback.test"
            try await Stack.with(options) { stack in
                try body(try await stack.pageWhenUp(), stack.log("page.log"))
            }
        }
    }
}
