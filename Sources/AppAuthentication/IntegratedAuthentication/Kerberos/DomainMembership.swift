import Foundation

/// Signs that a machine belongs to a domain.
///
/// They are hints for a message. What counts is a ticket, which a laptop that no domain knows of can have just as well.
struct DomainMembership: Sendable, Hashable {
    let isJoined: Bool
    /// The realm that `kinit` would take by itself, where someone has set one.
    let defaultRealm: String?

    init(isJoined: Bool, defaultRealm: String?) {
        self.isJoined = isJoined
        self.defaultRealm = defaultRealm
    }

    /// Looks at the files that joining leaves behind.
    ///
    /// - Throws: `CancellationError` and nothing else.
    init(_ dependencies: CredentialDependencies) async throws {
        func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: dependencies.root + path) }
        // Readable by root alone, all of them: that they exist is all there is to see.
        let hasKeytab = exists("/etc/krb5.keytab")
        let hasService =
            exists("/etc/sssd/sssd.conf") || exists("/var/lib/sss/pipes")
            || exists("/var/lib/samba/private/secrets.tdb")
        if hasKeytab && !hasService {
            self.isJoined = try await Self.realmNamesADomain(dependencies)
        } else {
            self.isJoined = hasKeytab && hasService
        }
        let files = dependencies.variable("KRB5_CONFIG") ?? dependencies.root + "/etc/krb5.conf"
        self.defaultRealm = await KerberosConfiguration(files: files).defaultRealm
    }

    private static func realmNamesADomain(_ dependencies: CredentialDependencies) async throws -> Bool {
        let command = Command(
            "realm",
            arguments: ["list", "--name-only"],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            timeout: .seconds(5)
        )
        do {
            let result = try await dependencies.commandRunner.run(command)
            return result.exitCode == 0 && !result.standardOutput.isBlank
        } catch is CommandError {
            return false
        }
    }

    /// What to say when there is no ticket.
    func message(cache: String) -> String {
        if self.isJoined {
            "No Kerberos ticket for the current user (\(cache)). Sign in with your domain account or run kinit. "
                + "Under sudo, cron or systemd the ticket of your login session is not used: set KRB5CCNAME or a client "
                + "keytab."
        } else {
            "This machine does not look joined to an Active Directory domain, and there is no Kerberos ticket "
                + "(\(cache)). Join it (realm join) or run kinit user@\(self.defaultRealm ?? "REALM")."
        }
    }
}
