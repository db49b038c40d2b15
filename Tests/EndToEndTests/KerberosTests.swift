import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The page as a person of a domain, with a real ticket that a real server checks.
    @Suite(.enabled(if: KerberosLab.isInstalled, "\(KerberosLab.requirement)"))
    struct KerberosTests {
        /// What the page is started with, and the sentence that it then shows.
        private struct Visit {
            let tickets: String
            var userName: String?
            var kdcPort: Int?
            var clientKeytab = false
            let sentence: String
        }

        private static let tried =
            "Tried to get token using Active Directory Integrated Authentication. Access token could not be acquired. "
        private static let signedIn =
            "Principal Used: IsAuthenticated:True Type:User TenantId:\(FakeFederation.tenantID) "
            + "UserPrincipalName:ann@example.test"

        @Test func thePageShowsTheUserOrTheReason() async throws {
            try await KerberosLab.with { lab in
                try await lab.kinit(tickets: "expired", lifetime: "1s")
                let expiry = ContinuousClock.now + .seconds(2)
                for tickets in ["ann", "fresh", "late"] { try await lab.kinit(tickets: tickets) }
                try lab.setClock(900, tickets: "late")
                try await lab.kinit(KerberosLab.computer, tickets: "computer")
                try await Task.sleep(until: expiry)
                try await Stack.with(self.options(lab, Self.visits(lab)[0])) { stack in
                    for visit in Self.visits(lab) {
                        try await stack.stop("page")
                        try await stack.startPage(self.options(lab, visit))
                        let page = try await stack.pageWhenUp()
                        #expect(page.visibleText.contains(visit.sentence), "\(visit) \(page.visibleText)")
                        if !visit.sentence.hasPrefix("Principal") {
                            #expect(page.text.contains("#active-directory-integrated-authentication"))
                        }
                        for secret in lab.federation.secrets { #expect(!page.text.contains(secret)) }
                        #expect(!page.text.contains("eyJ"))
                    }
                    let log = stack.log("page.log")
                    // The ticket is Ann's, whoever UserName says.
                    #expect(log.contains("belongs to another user than UserName says"))
                    #expect(log.contains("federation service found"))
                    #expect(lab.federation.secrets.count > 10)
                    for secret in lab.federation.secrets { #expect(!log.contains(secret)) }
                    for word in ["Negotiate", "YII", "eyJ", "saml:"] { #expect(!log.contains(word), "\(word)") }
                }
            }
        }

        @Test func theCommandLineSpeaksForTheUserToo() async throws {
            try await KerberosLab.with { lab in
                try await lab.kinit(tickets: "ann")
                func run(_ arguments: String..., tickets: String = "ann") async throws -> (code: Int32?, text: String) {
                    let visit = Visit(tickets: tickets, userName: "ann@loopback.test", sentence: "")
                    let process = try ChildProcess(
                        Checkout.program("azure-token"),
                        arguments,
                        environment: try self.options(lab, visit).pageEnvironment.merging(["PATH": "/nowhere"]) { $1 },
                        log: URL(filePath: lab.path("azure-token-\(UUID().uuidString)"))
                    )
                    return (try await process.waitForEnd(), process.logText)
                }
                let whoami = try await run("whoami")
                #expect(whoami.code == 0)
                #expect(whoami.text.contains("UserPrincipalName:ann@example.test"))
                #expect(whoami.text.contains("method:    Active Directory Integrated Authentication"))
                let get = try await run("get", "--resource", "https://vault.azure.net")
                #expect(get.code == 0)
                #expect(get.text.split(separator: "\n").filter { $0.hasPrefix("eyJ") }.count == 1)
                let doctor = try await run("doctor")
                #expect(doctor.code == 0)
                #expect(doctor.text.contains("Active Directory Integrated Authentication  works"))
                #expect(!doctor.text.contains("eyJ"))
                let nobody = try await run("doctor", tickets: "nobody")
                #expect(nobody.code == 1)
                #expect(nobody.text.contains("(FILE:\(lab.path("nobody")))"))
                #expect(nobody.text.contains("TROUBLESHOOTING.md#active-directory-integrated-authentication"))
            }
        }

        /// Without TLS, because the page does not know the certificate of the laboratory.
        private static func visits(_ lab: KerberosLab) -> [Visit] {
            let url = "http://localhost:\(lab.federation.plainPort)/adfs"
            let moreIsAsked = "This method cannot answer multi-factor or conditional access."
            let claims = #"Claims: {"access_token":{"capolids":{}}}"#
            let refusals = ["AADSTS50076", "AADSTS50079", "AADSTS53003"].map { code in
                Visit(
                    tickets: "ann",
                    userName: "ann@\(code.lowercased()).loopback.test",
                    sentence: "\(Self.tried)\(code): More is asked of the user. \(moreIsAsked) \(claims)"
                )
            }
            let services: [(kind: String, sentence: String)] = [
                (
                    "private",
                    "401 Unauthorized. It did not accept the Kerberos ticket: SPN mismatch, Extended Protection required, "
                        + "or you are outside the corporate network."
                ),
                (
                    "closed",
                    "404 Not Found. The windowstransport endpoint is disabled or not reachable from this network."
                ),
                (
                    "busy",
                    "503 Service Unavailable. The windowstransport endpoint is disabled or not reachable from this "
                        + "network."
                ),
                ("fault", "MSIS3126: Access denied. (RequestFailed)"),
            ]
            return Self.tickets(lab) + Self.domains + refusals
                + services.map { service in
                    Visit(
                        tickets: "ann",
                        userName: "ann@\(service.kind).loopback.test",
                        sentence: "\(Self.tried)Federated service at \(url)/\(service.kind)/2005/windowstransport "
                            + "returned error: \(service.sentence)"
                    )
                }
        }

        private static func tickets(_ lab: KerberosLab) -> [Visit] {
            let none = "FILE:\(lab.path("nobody"))"
            let unreachable =
                "Cannot reach a domain controller for EXAMPLE.TEST. Check the network or VPN and krb5.conf."
            return [
                // The vault does not know the issuer of this token; the page names the user all the same.
                Visit(tickets: "ann", userName: "ben@loopback.test", sentence: Self.signedIn),
                Visit(tickets: "service", userName: "ann@loopback.test", clientKeytab: true, sentence: Self.signedIn),
                Visit(
                    tickets: "nobody",
                    sentence: FileManager.default.fileExists(atPath: "/etc/krb5.keytab")
                        // A machine with this file may be joined to a domain.
                        ? "Kerberos ticket"
                        : Self.tried
                            + "This machine does not look joined to an Active Directory domain, and there is no Kerberos "
                            + "ticket (\(none)). Join it (realm join) or run kinit user@EXAMPLE.TEST."
                ),
                Visit(
                    tickets: "expired",
                    sentence: Self.tried
                        + "The Kerberos ticket for ann@EXAMPLE.TEST has expired. Run kinit; kinit -R is for a ticket that has not expired "
                        + "yet."
                ),
                Visit(
                    tickets: "computer",
                    sentence: Self.tried
                        + "The Kerberos ticket is for WEB01$@EXAMPLE.TEST, a computer or service account, not a user."
                ),
                // Nothing listens on port 1. With a ticket, and with a keytab that would get one.
                Visit(
                    tickets: "fresh",
                    userName: "ann@loopback.test",
                    kdcPort: 1,
                    sentence: Self.tried + unreachable
                ),
                Visit(tickets: "later", kdcPort: 1, clientKeytab: true, sentence: Self.tried + unreachable),
                Visit(
                    tickets: "late",
                    userName: "ann@loopback.test",
                    sentence: Self.tried
                        + "The clock differs from the domain controller's by more than 5 minutes. Fix the time."
                ),
                Visit(
                    tickets: "ann",
                    userName: "ann@alias.loopback.test",
                    sentence: Self.tried
                        + "Active Directory has no service principal HTTP/127.0.0.1: the federation server's SPN is missing, "
                        + "the host name is an alias (see dns_canonicalize_hostname), or it is in an untrusted realm."
                ),
            ]
        }

        private static let domains = [
            Visit(
                tickets: "ann",
                userName: "ann@managed.test",
                sentence: Self.tried
                    + "Integrated Windows Auth is not supported for managed users. See https://aka.ms/adal-iwa for details. "
                    + "(managed.test is not federated. If your sign-in name is not ann@managed.test, set UserName in the "
                    + "connection string.)"
            ),
            Visit(
                tickets: "ann",
                userName: "ann@unknown.test",
                sentence: Self.tried
                    + "Unknown User Type. Azure AD does not know the domain unknown.test. If the Active Directory realm "
                    + "differs from your sign-in domain, set UserName."
            ),
            Visit(
                tickets: "ann",
                userName: "ann@nowhere.test",
                sentence: Self.tried
                    + "Unknown User Type. Azure AD does not know the domain nowhere.test. If the Active Directory realm "
                    + "differs from your sign-in domain, set UserName."
            ),
            Visit(
                tickets: "ann",
                userName: "ann@plain.test",
                sentence: Self.tried
                    + "WS-Trust endpoint not found in metadata document. (An administrator must enable "
                    + "/adfs/services/trust/2005/windowstransport or /13/windowstransport.)"
            ),
        ]

        private func options(_ lab: KerberosLab, _ visit: Visit) throws -> Stack.Options {
            var options = Stack.Options(withheld: PageTests.identityVariables)
            options.pageEnvironment = try lab.environment(
                tickets: visit.tickets,
                kdcPort: visit.kdcPort,
                clientKeytab: visit.clientKeytab
            )
            options.pageEnvironment["AZURE_AUTHORITY_HOST"] = lab.federation.authority
            options.pageEnvironment["AzureServicesAuthConnectionString"] =
                "RunAs=CurrentUser" + (visit.userName.map { ";UserName=\($0)" } ?? "")
            return options
        }
    }
}
