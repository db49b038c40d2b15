import Testing

@testable import AppAuthentication

struct KerberosErrorTests {
    @Test(
        arguments: [
            (
                "No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_1000)",
                KerberosError.noTicket(cache: "FILE:/tmp/krb5cc_1000")
            ),
            (
                "No Kerberos credentials available: Bad format in credentials cache (filename: /tmp/x)",
                .noTicket(cache: "Bad format in credentials cache (filename: /tmp/x)")
            ),
            ("No Kerberos credentials available", .noTicket(cache: "No Kerberos credentials available")),
            ("No credentials cache found", .noTicket(cache: "No credentials cache found")),
            ("Ticket expired", .ticketExpired(principal: nil)),
            ("The referenced credential has expired", .ticketExpired(principal: nil)),
            ("Cannot contact any KDC for realm 'CONTOSO.COM'", .noDomainController(realm: "CONTOSO.COM")),
            ("Cannot find KDC for realm \"CONTOSO.COM\"", .noDomainController(realm: "CONTOSO.COM")),
            ("Cannot find KDC for invalid realm name \"\"", .noDomainController(realm: nil)),
            ("Cannot resolve network address for KDC in requested realm", .noDomainController(realm: nil)),
            ("Clock skew too great", .clockSkew),
            ("Clock skew too great in KDC reply", .clockSkew),
            ("Server HTTP/adfs.contoso.com@CONTOSO.COM not found in Kerberos database", .unknownServer(host: "h")),
            ("Server krbtgt/OTHER.COM@CONTOSO.COM not found in Kerberos database", .unknownServer(host: "h")),
            ("Credential cache is empty", .noTicket(cache: "Credential cache is empty")),
            ("Ticket not yet valid", .clockSkew),
            (
                "Client 'ann@CONTOSO.COM' not found in Kerberos database",
                .other("Client 'ann@CONTOSO.COM' not found in Kerberos database")
            ),
            ("Key table entry not found", .other("Key table entry not found")),
        ] as [(String, KerberosError)]
    )
    func theWordsOfTheLibraryAreUnderstood(text: String, error: KerberosError) {
        #expect(KerberosError(text: text, host: "h") == error)
    }

    @Test func theMajorCodeCanSayThatATicketHasExpired() {
        #expect(KerberosError(text: "Success", isExpired: true) == .ticketExpired(principal: nil))
        #expect(GSSAPIStatus(major: 0x000B_0000, minor: 0).isExpired)
        #expect(!GSSAPIStatus(major: 0x0007_0000, minor: 0).isExpired)
        #expect(GSSAPIStatus(major: 0x0007_0000, minor: 0).isError)
        #expect(GSSAPIStatus(major: 1, minor: 0).needsAnswer)
        #expect(!GSSAPIStatus(major: 0, minor: 0).needsAnswer)
    }

    @Test(
        arguments: [
            (
                KerberosError.noLibrary,
                "Kerberos is not available on this machine. Install libgssapi-krb5-2 (Debian/Ubuntu) or krb5-libs (RHEL)."
            ),
            (
                .ticketExpired(principal: "ann@CONTOSO.COM"),
                "The Kerberos ticket for ann@CONTOSO.COM has expired. Run kinit; kinit -R is for a ticket that has not "
                    + "expired yet."
            ),
            (
                .noDomainController(realm: "CONTOSO.COM"),
                "Cannot reach a domain controller for CONTOSO.COM. Check the network or VPN and krb5.conf."
            ),
            (
                .noAnswer(limit: .milliseconds(1500), from: .domainController),
                "Cannot reach a domain controller: Kerberos gave no answer within 1.5 s. Check the network or VPN and krb5.conf."
            ),
            (
                .noAnswer(limit: .seconds(10), from: .domainController),
                "Cannot reach a domain controller: Kerberos gave no answer within 10 s. Check the network or VPN and krb5.conf."
            ),
            (
                .clockSkew,
                "The clock differs from the domain controller's by more than 5 minutes. Fix the time."
            ),
            (
                .unknownServer(host: "adfs.contoso.com"),
                "Active Directory has no service principal HTTP/adfs.contoso.com: the federation server's SPN is missing, the "
                    + "host name is an alias (see dns_canonicalize_hostname), or it is in an untrusted realm."
            ),
            (
                .serverNotVerified(reason: "Message stream modified"),
                "The federation server did not prove its identity with Kerberos, so its answer was not used: Message stream "
                    + "modified"
            ),
            (
                .noAnswer(limit: .seconds(10), from: .cache("KCM:")),
                "The Kerberos ticket cache KCM: gave no answer within 10 s. Start the service that keeps it (sssd-kcm), or set "
                    + "KRB5CCNAME to a file, such as FILE:/tmp/krb5cc_1000, for kinit and for this program."
            ),
            (
                .unusableCache(name: "KEYRING:persistent:0", reason: "Permission denied"),
                "The Kerberos ticket cache KEYRING:persistent:0 cannot be used: Permission denied. A keyring does not reach "
                    + "into a container or a service; set KRB5CCNAME to a file, such as FILE:/tmp/krb5cc_1000, for kinit and "
                    + "for this program."
            ),
            (
                .unusableCache(name: "API:x", reason: "Unknown credential cache type"),
                "The Kerberos ticket cache API:x cannot be used: Unknown credential cache type. Set KRB5CCNAME to a file, such "
                    + "as FILE:/tmp/krb5cc_1000, for kinit and for this program."
            ),
            (
                .serverClockSkew(host: "adfs.contoso.com"),
                "The clock of adfs.contoso.com differs from this machine's by more than 5 minutes, so it refused the Kerberos "
                    + "ticket. Fix the time of the one that is wrong."
            ),
            (.noTicket(cache: "KCM:0"), "No Kerberos ticket for the current user (KCM:0)."),
            (.other("Permission denied"), "Kerberos cannot be used: Permission denied"),
        ] as [(KerberosError, String)]
    )
    func everyErrorHasItsSentence(error: KerberosError, message: String) {
        #expect(error.message == message)
    }
}
