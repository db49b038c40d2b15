import Foundation
import TestSupport
import Testing

@testable import AppAuthentication

struct DomainMembershipTests {
    /// A directory with these files, for the time of the body.
    private static func with(_ files: [String: String], _ body: (String) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.replacing("ROOT", with: root.path(percentEncoded: false)).utf8).write(to: file)
        }
        try await body(root.path(percentEncoded: false))
    }

    @Test(arguments: [
        ([], false, false), (["etc/sssd/sssd.conf"], true, false), (["etc/krb5.keytab"], false, false),
        (["etc/krb5.keytab"], true, true), (["etc/krb5.keytab", "etc/sssd/sssd.conf"], false, true),
        (["etc/krb5.keytab", "var/lib/sss/pipes"], false, true),
        (["etc/krb5.keytab", "var/lib/samba/private/secrets.tdb"], false, true),
    ])
    func theFilesOfAJoinedMachineAreKnown(files: [String], realmSaysSo: Bool, isJoined: Bool) async throws {
        let runner = FakeCommandRunner(CommandResult(standardOutput: realmSaysSo ? "contoso.com\n" : "\n"))
        try await Self.with(Dictionary(uniqueKeysWithValues: files.map { ($0, "") })) { root in
            let membership = try await DomainMembership(.fake(commandRunner: runner, root: root))
            #expect(membership == DomainMembership(isJoined: isJoined, defaultRealm: nil))
        }
        // Asking costs time, so it is done for a machine with a keytab and nothing else only.
        #expect(runner.commands.map(\.description) == (files == ["etc/krb5.keytab"] ? ["realm list --name-only"] : []))
    }

    @Test(arguments: [
        ("[libdefaults]\n\tdefault_realm = CONTOSO.COM\n", "CONTOSO.COM"),
        ("[libdefaults]\ndefault_realm=CONTOSO.COM", "CONTOSO.COM"),
        ("[libdefaults]\n  default_realm = ATHENA.MIT.EDU\n", nil),
        ("[realms]\n default_realm = CONTOSO.COM\n", nil),
        ("[libdefaults]\n# default_realm = X\n default_realms = X\n", nil),
        ("includedir ROOT/etc/krb5.conf.d\n[libdefaults]\n", "FROM.DIRECTORY"),
        ("include ROOT/etc/krb5.conf.d/a\n", "FROM.DIRECTORY"),
        ("include ROOT/etc/krb5.conf\n", nil),
        ("include /nowhere\n", nil),
    ])
    func theDefaultRealmIsFoundWhereSomeoneHasSetOne(text: String, realm: String?) async throws {
        let files = [
            "etc/krb5.conf": text, "etc/krb5.conf.d/a": "[libdefaults]\n default_realm = FROM.DIRECTORY\n",
            "etc/krb5.conf.d/b.rpmsave": "[libdefaults]\n default_realm = NOT.READ\n",
        ]
        try await Self.with(files) { root in
            let here = try await DomainMembership(.fake(root: root))
            #expect(here.defaultRealm == realm)
            let dependencies = CredentialDependencies.fake(environment: [
                "KRB5_CONFIG": "/nowhere:\(root)/etc/krb5.conf"
            ])
            let named = try await DomainMembership(dependencies)
            #expect(named.defaultRealm == realm)
        }
    }

    @Test func aMissingTicketIsExplained() {
        #expect(
            DomainMembership(isJoined: false, defaultRealm: nil).message(cache: "FILE:/tmp/krb5cc_0")
                == "This machine does not look joined to an Active Directory domain, and there is no Kerberos ticket "
                + "(FILE:/tmp/krb5cc_0). Join it (realm join) or run kinit user@REALM."
        )
        #expect(DomainMembership(isJoined: false, defaultRealm: "X").message(cache: "c").hasSuffix("run kinit user@X."))
        #expect(
            DomainMembership(isJoined: true, defaultRealm: "X").message(cache: "KCM:0")
                == "No Kerberos ticket for the current user (KCM:0). Sign in with your domain account or run kinit. Under "
                + "sudo, cron or systemd the ticket of your login session is not used: set KRB5CCNAME or a client keytab."
        )
    }
}
