import Foundation
import Glibc
import TestSupport
import Testing

@testable import AppAuthentication

/// What a machine may have in the place of tickets, keys and settings, with a real realm.
@Suite(.serialized, .enabled(if: KerberosLab.isInstalled, "\(KerberosLab.requirement)"))
struct KerberosStateTests {
    private static let ann =
        "IsAuthenticated:True Type:User TenantId:72f988bf-86f1-41af-91ab-2d7cd011db47 UserPrincipalName:ann@example.test"

    /// Puts all kinds of caches that cannot be read into the directory of a laboratory, and returns their names.
    private static func makeUselessCaches(_ lab: KerberosLab) async throws -> [String] {
        try await lab.kinit(tickets: "good")
        let good = try Data(contentsOf: URL(filePath: lab.path("good")))
        for (name, content) in [
            ("empty", Data()), ("garbage", Data("not a cache".utf8)), ("header", good.prefix(4)),
            ("name", good.prefix(40)),
            ("version", Data([5, 9]) + good.dropFirst(2)), ("collection/tktbad", Data()),
            ("collection/primary", Data("tktbad\n".utf8)),
        ] {
            let url = URL(filePath: lab.path(name))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try content.write(to: url)
        }
        try #require(mkdir(lab.path("directory"), 0o700) == 0)
        try #require(mkdir(lab.path("waiting"), 0o700) == 0)
        // Nobody ever writes into these.
        for name in ["pipe", "waiting/primary"] { try #require(mkfifo(lab.path(name), 0o600) == 0) }
        try #require(symlink("pipe", lab.path("link")) == 0)
        let files = ["empty", "garbage", "header", "name", "version", "directory", "pipe", "link"]
        return files.map { "FILE:\(lab.path($0))" } + [
            lab.path("empty"), "DIR:\(lab.path("collection"))", "DIR::\(lab.path("collection/tktbad"))",
            "DIR:\(lab.path("waiting"))", "DIR:\(lab.path("empty"))", "NONSENSE:x", "KEYRING:nonsense:x",
        ]
    }

    @Test(.timeLimit(.minutes(5)))
    func aCacheThatCannotBeReadIsNamedAndNeverEndsTheProcess() async throws {
        try await KerberosLab.with { lab in
            let caches = try await Self.makeUselessCaches(lab)
            for cache in caches {
                var process = try lab.process(tickets: "")
                process.environment["KRB5CCNAME"] = cache
                let outcome = try await process.outcome()
                #expect(outcome.hasPrefix("The Kerberos ticket cache "), "\(cache): \(outcome)")
                #expect(outcome.contains(" cannot be used: ") && outcome.contains("KRB5CCNAME"), "\(cache): \(outcome)")
                #expect(!outcome.contains("Success") && !outcome.contains("Unknown error"), "\(outcome)")
            }
        }
    }

    /// As any user of the machine can put something into /tmp where the tickets of a service are to be.
    @Test(.timeLimit(.minutes(5)))
    func aServiceWithAKeytabSignsInWhateverIsInThePlaceOfItsTickets() async throws {
        try await KerberosLab.with { lab in
            for cache in try await Self.makeUselessCaches(lab) {
                var process = try lab.process(tickets: "", clientKeytab: true)
                process.environment["KRB5CCNAME"] = cache
                #expect(try await process.outcome() == Self.ann, "\(cache)")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to become two users"))
    func theTicketsOfAnotherUserAreNamed() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "root")
            var process = try lab.process(tickets: "root")
            process.user = 65_534
            let outcome = try await process.outcome()
            #expect(outcome.hasPrefix("The Kerberos ticket cache FILE:\(lab.path("root")) cannot be used: "))
            #expect(outcome.contains("permissions incorrect"), "\(outcome)")
            process.environment["KRB5CCNAME"] = "FILE:\(lab.path("nobody"))"
            process.environment["KRB5_CLIENT_KTNAME"] = "FILE:\(lab.path("users.keytab"))"
            let keytab = try await process.outcome()
            #expect(
                keytab.contains("the client keytab FILE:\(lab.path("users.keytab")) that would get one"),
                "\(keytab)"
            )
        }
    }

    @Test func aKeytabThatIsMissingOrUselessIsNamed() async throws {
        try await KerberosLab.with { lab in
            try Data("no keys".utf8).write(to: URL(filePath: lab.path("useless")))
            try #require(mkfifo(lab.path("pipe"), 0o600) == 0)
            for name in ["missing", "useless", "pipe", ""] {
                var process = try lab.process(tickets: "nobody")
                let keytab = "FILE:\(lab.path(name))"
                process.environment["KRB5_CLIENT_KTNAME"] = keytab
                let outcome = try await process.outcome()
                #expect(
                    outcome.hasPrefix(
                        "There is no Kerberos ticket (FILE:\(lab.path("nobody"))), and the client keytab \(keytab) that "
                            + "would get one cannot be used: "
                    ),
                    "\(outcome)"
                )
                #expect(!outcome.contains("Success"), "\(outcome)")
            }
        }
    }

    @Test func settingsThatCannotBeReadAreNamed() async throws {
        try await KerberosLab.with { lab in
            try "include /nowhere\n".write(toFile: lab.path("broken.conf"), atomically: true, encoding: .utf8)
            try "[libdefaults\n".write(toFile: lab.path("open.conf"), atomically: true, encoding: .utf8)
            try #require(mkfifo(lab.path("pipe.conf"), 0o600) == 0)
            for name in ["broken.conf", "open.conf", "pipe.conf"] {
                var process = try lab.process(tickets: "nobody")
                process.environment["KRB5_CONFIG"] = lab.path(name)
                let outcome = try await process.outcome()
                #expect(outcome.hasPrefix("Kerberos cannot read its settings (\(lab.path(name))): "), "\(outcome)")
            }
        }
    }

    @Test func ofSeveralTicketsThatOfTheNamedUserIsUsed() async throws {
        try await KerberosLab.with { lab in
            try #require(mkdir(lab.path("several"), 0o700) == 0)
            try await lab.kinit("bob@EXAMPLE.TEST", tickets: "several/tktbob")
            try await lab.kinit(tickets: "several/tktann")
            // One that cannot be read is in nobody's way.
            try Data().write(to: URL(filePath: lab.path("several/tkt000")))
            try #require(mkfifo(lab.path("several/tkt001"), 0o600) == 0)
            try Data("tktbob\n".utf8).write(to: URL(filePath: lab.path("several/primary")))
            for (userName, user) in [(nil, "bob"), ("ann@example.test", "ann"), ("bob@example.test", "bob")] {
                var process = try lab.process(tickets: "", userName: userName)
                process.environment["KRB5CCNAME"] = "DIR:\(lab.path("several"))"
                let outcome = try await process.outcome()
                #expect(outcome.hasSuffix("UserPrincipalName:\(user)@example.test"), "\(outcome)")
            }
        }
    }

    /// The library is told that the host is in a realm that nobody knows; by its own name it is found.
    @Test func aServerThatHasItsPrincipalUnderTheNameInTheAddressProvesItsIdentity() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            let settings = "[domain_realm]\n localhost = NOWHERE.TEST"
            #expect(try await lab.process(tickets: "ann", settings: settings).outcome() == Self.ann)
        }
    }

    @Test func theServersOwnTokenTellsThatItsClockDiffers() async throws {
        try await KerberosLab.with { lab in
            try await lab.kinit(tickets: "ann")
            try await lab.getServiceTicket(tickets: "ann")
            try lab.setClock(900, tickets: "ann")
            #expect(
                try await lab.process(tickets: "ann").outcome()
                    == "The clock of localhost differs from this machine's by more than 5 minutes, so it refused the "
                    + "Kerberos ticket. Fix the time of the one that is wrong."
            )
        }
    }

    /// A service that takes connections and never answers, as a cache daemon that hangs.
    @Test func aCacheDaemonThatIsSilentIsNoDomainController() async throws {
        try await KerberosLab.with { lab in
            let path = lab.path("kcm")
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0 && listen(listener, 8) == 0)
            var process = try lab.process(tickets: "", settings: " kcm_socket = \(path)", action: .impatience)
            process.environment["KRB5CCNAME"] = "KCM:"
            let message =
                "The Kerberos ticket cache KCM: gave no answer within 0.5 s. Start the service that keeps it (sssd-kcm), "
                + "or set KRB5CCNAME to a file, such as FILE:/tmp/krb5cc_1000, for kinit and for this program."
            #expect(try await process.outcome() == "\(message)\nat once: \(message)\nmore threads: few")
            process.environment["KRB5CCNAME"] = "KCM:"
            process.action = .signIn
            close(listener)
            unlink(path)
            let absent = try await process.outcome()
            #expect(absent.hasPrefix("The Kerberos ticket cache KCM: cannot be used: "), "\(absent)")
            #expect(absent.contains("sssd-kcm"))
        }
    }
}
