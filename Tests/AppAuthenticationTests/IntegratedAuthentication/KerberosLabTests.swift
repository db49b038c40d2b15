import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// Integrated authentication with a real realm, real tickets, and an Apache that really checks them.
///
/// One after the other, because each is a small machine of its own, and others have to run beside it.
@Suite(.serialized, .enabled(if: KerberosLab.isInstalled, "\(KerberosLab.requirement)"))
struct KerberosLabTests {
    private static let signedIn =
        "IsAuthenticated:True Type:User TenantId:72f988bf-86f1-41af-91ab-2d7cd011db47 UserPrincipalName:ann@example.test"

    @Test func aTicketBecomesATokenAndEveryDomainGetsItsOwnAnswer() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            let url = "https://localhost:\(lab.federation.securePort)/adfs"
            let outcomes: [(userName: String?, outcome: String)] = [
                (nil, Self.signedIn),
                ("ann@older.test", Self.signedIn),
                ("ann@loopback.test", Self.signedIn),
                (
                    "ann@managed.test",
                    "Integrated Windows Auth is not supported for managed users. See https://aka.ms/adal-iwa for details. "
                        + "(managed.test is not federated. If your sign-in name is not ann@managed.test, set UserName in "
                        + "the connection string.)"
                ),
                (
                    "ann@unknown.test",
                    "Unknown User Type. Azure AD does not know the domain unknown.test. If the Active Directory realm "
                        + "differs from your sign-in domain, set UserName."
                ),
                (
                    "ann@nowhere.test",
                    "Unknown User Type. Azure AD does not know the domain nowhere.test. If the Active Directory realm "
                        + "differs from your sign-in domain, set UserName."
                ),
                (
                    "ann@plain.test",
                    "WS-Trust endpoint not found in metadata document. (An administrator must enable "
                        + "/adfs/services/trust/2005/windowstransport or /13/windowstransport.)"
                ),
                (
                    "ann@nomex.test",
                    "Accessing WS metadata exchange failedInner Exception : \(lab.federation.authority)mex/nomex.test "
                        + "answered with the status 404."
                ),
                (
                    "ann@alias.test",
                    "Active Directory has no service principal HTTP/127.0.0.1: the federation server's SPN is missing, the "
                        + "host name is an alias (see dns_canonicalize_hostname), or it is in an untrusted realm."
                ),
                (
                    "ann@private.test",
                    "Federated service at \(url)/private/2005/windowstransport returned error: 401 Unauthorized. It did not "
                        + "accept the Kerberos ticket: SPN mismatch, Extended Protection required, or you are outside the "
                        + "corporate network."
                ),
                (
                    "ann@closed.test",
                    "Federated service at \(url)/closed/2005/windowstransport returned error: 404 Not Found. The "
                        + "windowstransport endpoint is disabled or not reachable from this network."
                ),
                (
                    "ann@busy.test",
                    "Federated service at \(url)/busy/2005/windowstransport returned error: 503 Service Unavailable. The "
                        + "windowstransport endpoint is disabled or not reachable from this network."
                ),
                (
                    "ann@moved.test",
                    "Federated service at \(url)/moved/2005/windowstransport returned error: 307 TemporaryRedirect"
                ),
                (
                    "ann@fault.test",
                    "Federated service at \(url)/fault/2005/windowstransport returned error: MSIS3126: Access denied. "
                        + "(RequestFailed)"
                ),
                (
                    "ann@aadsts50076.test",
                    "AADSTS50076: More is asked of the user. This method cannot answer multi-factor or conditional access. "
                        + #"Claims: {"access_token":{"capolids":{}}}"#
                ),
            ]
            for (userName, expected) in outcomes {
                let outcome = try await lab.process(tickets: "ann", userName: userName).outcome()
                #expect(outcome == expected, "\(userName ?? "no name") \(lab.log("apache.log"))")
            }
            let posts = lab.federation.requests.filter { $0.target.hasPrefix("/adfs") }.map(\.target)
            #expect(posts.first == "/adfs/services/trust/13/windowstransport")
            #expect(posts.dropFirst().first == "/adfs/services/trust/2005/windowstransport")
            let tokens = lab.federation.requests.filter { $0.target == "/common/oauth2/token" }
            #expect(tokens.count == 4)
            // A ticket follows nobody to another address, and one that was refused is not sent again.
            #expect(posts.count { $0.contains("/busy/") } == 2)
            for domain in ["moved", "closed", "fault"] { #expect(posts.count { $0.contains("/\(domain)/") } == 1) }
        }
    }

    @Test func withoutATicketThatCanBeUsedTheReasonIsSaid() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "short", lifetime: "1s")
            try await lab.kinit(KerberosLab.computer, tickets: "computer")
            try await lab.kinit(tickets: "ann")
            try await lab.kinit(tickets: "late")
            try lab.setClock(-900, tickets: "late")
            try Data().write(to: URL(filePath: lab.path("empty")))
            let expiry = ContinuousClock.now + .seconds(2)

            let none = try await lab.process(tickets: "nobody").outcome()
            #expect(
                none
                    == "This machine does not look joined to an Active Directory domain, and there is no Kerberos ticket "
                    + "(FILE:\(lab.path("nobody"))). Join it (realm join) or run kinit user@EXAMPLE.TEST."
            )
            let empty = try await lab.process(tickets: "empty").outcome()
            #expect(
                empty
                    == "The Kerberos ticket cache FILE:\(lab.path("empty")) cannot be used: Bad format in credentials "
                    + "cache (filename: \(lab.path("empty"))). Remove it and run kinit, or set KRB5CCNAME to one that this "
                    + "user can read."
            )
            let computer = try await lab.process(tickets: "computer").outcome()
            #expect(
                computer == "The Kerberos ticket is for WEB01$@EXAMPLE.TEST, a computer or service account, not a user."
            )
            // Nothing listens on port 1. The ticket of the user is there, and the one for AD FS cannot be had.
            let down = try await lab.process(tickets: "ann", kdcPort: 1).outcome()
            #expect(
                down == "Cannot reach a domain controller for EXAMPLE.TEST. Check the network or VPN and krb5.conf."
            )
            let late = try await lab.process(tickets: "late").outcome()
            #expect(late == "The clock differs from the domain controller's by more than 5 minutes. Fix the time.")
            // A ticket has to get old by itself.
            try await Task.sleep(until: expiry)
            let expired = try await lab.process(tickets: "short").outcome()
            #expect(
                expired
                    == "The Kerberos ticket for ann@EXAMPLE.TEST has expired. Run kinit; kinit -R is for a ticket that has not expired "
                    + "yet."
            )
            #expect(lab.federation.requests.allSatisfy { !$0.target.hasPrefix("/adfs") })
        }
    }

    @Test func aClientKeytabGetsTicketsForAServiceThatNobodySignsInTo() async throws {
        try await KerberosLab.with { lab in
            let outcome = try await lab.process(tickets: "service", clientKeytab: true).outcome()
            #expect(outcome == Self.signedIn)
            // Tickets in memory need no place to be written to.
            var process = try lab.process(tickets: "", clientKeytab: true)
            process.environment["KRB5CCNAME"] = "MEMORY:"
            #expect(try await process.outcome() == Self.signedIn)
            // Why the keytab came to nothing is said, and not that there is no ticket.
            var down = try lab.process(tickets: "", kdcPort: 1, clientKeytab: true)
            down.environment["KRB5CCNAME"] = "MEMORY:"
            #expect(
                try await down.outcome()
                    == "Cannot reach a domain controller for EXAMPLE.TEST. Check the network or VPN and krb5.conf."
            )
            try await lab.changePassword(of: "ann")
            let stale = try await process.outcome()
            #expect(stale.hasPrefix("Kerberos cannot be used: "))
            #expect(!stale.contains("Success"))
        }
    }

    @Test func theSecondSignInNeedsNoTicketAndGoesToTheTenant() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            let outcome = try await lab.process(tickets: "ann", action: .signInTwice).outcome()
            #expect(outcome == "\(Self.signedIn) \(Self.signedIn)")
            let posts = lab.federation.requests.filter { $0.target.hasSuffix("/oauth2/token") }.map(\.target)
            #expect(posts == ["/common/oauth2/token", "/\(FakeFederation.tenantID)/oauth2/token"])
        }
    }

    @Test func aTokenIsGoodForOneRequestAndTheServerProvesItsIdentity() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            // Past Apache, the pretended AD FS refuses the pretended request with a fault.
            let replay = try await lab.process(tickets: "ann", action: .replay).outcome()
            #expect(replay == "401 500 verified 401")
            let tampered = try await lab.process(tickets: "ann", action: .tamper).outcome()
            #expect(tampered.hasPrefix("The federation server did not prove its identity with Kerberos"))
            #expect(!lab.federation.requests.contains { $0.target.hasSuffix("/oauth2/token") })
        }
    }

    @Test func aDomainControllerThatIsSilentCostsItsLimitOnce() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            let silent = try LoopbackServer(.silence)
            let outcome = try await lab.process(tickets: "ann", kdcPort: silent.port, action: .impatience).outcome()
            let message =
                "Cannot reach a domain controller: Kerberos gave no answer within 0.5 s. Check the network or VPN and "
                + "krb5.conf."
            #expect(outcome == "\(message)\nat once: \(message)\nmore threads: few")
        }
    }
}
