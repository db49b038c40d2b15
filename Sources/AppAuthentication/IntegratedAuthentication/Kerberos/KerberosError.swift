import Foundation

/// Why there is no ticket, or none for a server, in terms of what a person can do about it.
package enum KerberosError: Error, Sendable, Hashable {
    /// There is no Kerberos library on this machine.
    case noLibrary
    /// Nobody has signed in; the cache is where a ticket was looked for, or what is wrong with that place.
    case noTicket(cache: String)
    case ticketExpired(principal: String?)
    /// The settings of Kerberos cannot be read.
    case configuration(files: String, reason: String)
    /// There may be tickets, in a place that cannot be read.
    case unusableCache(name: String, reason: String)
    /// There is no ticket, and the keys that would get one cannot be read.
    case unusableKeytab(name: String, reason: String, cache: String)
    case noDomainController(realm: String?)
    /// Kerberos did not come to an end in the time that it is given.
    case noAnswer(limit: Duration, from: KerberosStage)
    case clockSkew
    /// The server says that its clock and ours differ.
    case serverClockSkew(host: String)
    case unknownServer(host: String)
    /// The server's token does not prove that it is who it should be.
    case serverNotVerified(reason: String)
    /// Anything else, in the words of the library.
    case other(String)
}

extension KerberosError {
    /// Tells by the library's own words what went wrong.
    ///
    /// - Parameters:
    ///   - text: The message for the minor code, which GSSAPI gives in English unless a program asks for another language.
    ///   - isExpired: Whether the major code says that a credential has expired.
    ///   - host: The server that a ticket was wanted for.
    init(text: String, isExpired: Bool = false, host: String? = nil) {
        if isExpired || text.contains("Ticket expired") || text.contains("credential has expired") {
            self = .ticketExpired(principal: nil)
        } else if let match = text.firstMatch(of: /No Kerberos credentials available \(default cache: (.*)\)/) {
            self = .noTicket(cache: String(match.output.1))
        } else if let match = text.firstMatch(of: /No Kerberos credentials available: (.*)/) {
            // There is a cache, and it cannot be used.
            self = .noTicket(cache: String(match.output.1))
        } else if text.contains("No Kerberos credentials available") || text.contains("No credentials cache found")
            || text.contains("Credential cache is empty")
        {
            self = .noTicket(cache: text)
        } else if text.contains("Cannot contact any KDC") || text.contains("Cannot find KDC")
            || text.contains("Cannot resolve network address for KDC")
        {
            let realm = text.firstMatch(of: /realm ["'](?<name>[^"']+)["']/)?.output.name
            self = .noDomainController(realm: realm.map(String.init))
        } else if Self.isClockSkew(text) {
            self = .clockSkew
        } else if let host, text.contains("not found in Kerberos database"), !text.hasPrefix("Client ") {
            self = .unknownServer(host: host)
        } else {
            self = .other(text)
        }
    }

    /// Whether the library's words are about two clocks that differ.
    static func isClockSkew(_ text: String) -> Bool {
        text.contains("Clock skew too great") || text.contains("Ticket not yet valid")
    }

    /// The sentence for people.
    ///
    /// A missing ticket has a longer one, which needs to know more of the machine: ``DomainMembership``.
    var message: String {
        switch self {
        case .noLibrary:
            "Kerberos is not available on this machine. "
                + "Install libgssapi-krb5-2 (Debian/Ubuntu) or krb5-libs (RHEL)."
        case .noTicket(let cache):
            "No Kerberos ticket for the current user (\(cache))."
        case .ticketExpired(let principal):
            "The Kerberos ticket for \(principal ?? "the current user") has expired. "
                + "Run kinit; kinit -R is for a ticket that has not expired yet."
        case .configuration(let files, let reason):
            "Kerberos cannot read its settings (\(files)): \(reason). Correct them, or set KRB5_CONFIG to other ones."
        case .unusableCache(let name, let reason):
            "The Kerberos ticket cache \(name) cannot be used: \(reason). \(Self.advice(forCache: name))"
        case .unusableKeytab(let name, let reason, let cache):
            "There is no Kerberos ticket (\(cache)), and the client keytab \(name) that would get one cannot be used: "
                + "\(reason). Put the keys there for this user to read, or correct KRB5_CLIENT_KTNAME."
        case .noDomainController(let realm):
            "Cannot reach a domain controller for \(realm ?? "the realm"). "
                + "Check the network or VPN and krb5.conf."
        case .noAnswer(let limit, from: .cache(let name)):
            "The Kerberos ticket cache \(name) gave no answer within \(Self.seconds(limit)) s. "
                + Self.advice(forCache: name)
        case .noAnswer(let limit, from: .domainController):
            "Cannot reach a domain controller: Kerberos gave no answer within \(Self.seconds(limit)) s. "
                + "Check the network or VPN and krb5.conf."
        case .clockSkew:
            "The clock differs from the domain controller's by more than 5 minutes. Fix the time."
        case .serverClockSkew(let host):
            "The clock of \(host) differs from this machine's by more than 5 minutes, so it refused the Kerberos ticket. "
                + "Fix the time of the one that is wrong."
        case .unknownServer(let host):
            "Active Directory has no service principal HTTP/\(host): the federation server's SPN is missing, the host "
                + "name is an alias (see dns_canonicalize_hostname), or it is in an untrusted realm."
        case .serverNotVerified(let reason):
            "The federation server did not prove its identity with Kerberos, so its answer was not used: \(reason)"
        case .other(let text):
            "Kerberos cannot be used: \(text)"
        }
    }

    private static func advice(forCache name: String) -> String {
        let file = "set KRB5CCNAME to a file, such as FILE:/tmp/krb5cc_1000, for kinit and for this program."
        return switch name.prefix(while: { $0 != ":" }) {
        case "KCM": "Start the service that keeps it (sssd-kcm), or \(file)"
        case "KEYRING": "A keyring does not reach into a container or a service; \(file)"
        case "FILE", "DIR": "Remove it and run kinit, or set KRB5CCNAME to one that this user can read."
        default: file.prefix(1).uppercased() + file.dropFirst()
        }
    }

    private static func seconds(_ limit: Duration) -> String {
        (limit / .seconds(1)).formatted(.number.locale(Locale(identifier: "en_US_POSIX")))
    }
}
