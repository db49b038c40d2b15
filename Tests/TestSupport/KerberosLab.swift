import AppAuthentication
import Foundation
import Glibc

/// A realm of its own: a key distribution center, a user, and an Apache that asks for Kerberos tickets, all in one temporary
/// directory and on loopback.
///
/// Behind Apache is ``FakeFederation``. Nothing of the system is touched, and it is up in less than a second.
package final class KerberosLab: Sendable {
    /// A program of the laboratory that did not do what it should.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// What people of the realm are called.
    package static let user = "ann@EXAMPLE.TEST"
    package static let computer = "WEB01$@EXAMPLE.TEST"

    /// Where the programs are, none of which a test may do without.
    private static let programs = [
        "/usr/sbin/krb5kdc", "/usr/sbin/kdb5_util", "/usr/sbin/kadmin.local", "/usr/bin/kinit", "/usr/bin/kvno",
        "/usr/sbin/apache2",
        "/usr/lib/apache2/modules/mod_auth_gssapi.so", "/usr/bin/openssl",
    ]

    /// Whether this machine has what it takes; the reason for tests that are skipped is ``requirement``.
    package static let isInstalled = KerberosLab.programs.allSatisfy(FileManager.default.fileExists)
    package static let requirement =
        "needs krb5-kdc, krb5-admin-server, krb5-user, apache2, libapache2-mod-auth-gssapi and openssl: run make deps"

    package let federation: FakeFederation
    /// The SHA-1 thumbprint of the certificate that Apache has for its https address.
    package let thumbprint: String
    let directory: URL
    let kdcPort: Int

    private init(directory: URL) async throws {
        self.directory = directory
        let ports = try FreePorts.take(3)
        self.kdcPort = ports[0]
        self.federation = try FakeFederation(plainPort: ports[1], securePort: ports[2])
        self.thumbprint = try await Self.makeCertificate(in: directory)
        try self.writeConfiguration()
        try await self.makeRealm()
        try await self.startServers()
    }

    /// Starts a laboratory, runs the body, and ends everything whatever happens.
    package static func with(_ body: (KerberosLab) async throws -> Void) async throws {
        let lab = try await Self.start()
        defer { Self.end(lab.directory) }
        try await body(lab)
    }

    /// Tries other ports when one was taken since it was found to be free, be it by any connection of another test.
    private static func start() async throws -> KerberosLab {
        var failures: [String] = []
        while failures.count < 8 {
            let name = "krb-\(UUID().uuidString.prefix(8))"
            let directory = FileManager.default.temporaryDirectory.appending(path: name)
            // Apache's workers are another user where the test is root.
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
            do {
                return try await KerberosLab(directory: directory)
            } catch {
                Self.end(directory)
                guard let failure = error as? Failure, failure.description.contains("ddress already in use") else {
                    throw error
                }
                failures.append(failure.description)
            }
        }
        throw Failure(description: "no ports stayed free for long enough: \(failures.joined(separator: "\n"))")
    }

    private func startServers() async throws {
        do {
            try await self.run("krb5kdc", ["-P", self.path("kdc.pid")])
        } catch let failure as Failure {
            // Its log is all that it tells.
            throw Failure(description: "\(failure)\n\(self.log("kdc.log"))")
        }
        try await self.waitForProcess("kdc")
        try await self.run("apache2", ["-d", self.path(""), "-f", self.path("apache.conf"), "-k", "start"])
        try await self.waitForProcess("apache")
    }

    /// Both go into the background before they have written down who they are, and that is how they are ended.
    private func waitForProcess(_ name: String) async throws {
        guard try await eventually({ Self.process(name, in: self.directory) != nil }) else {
            throw Failure(description: "\(name) does not run: \(self.log("\(name).log"))")
        }
    }

    private static func process(_ name: String, in directory: URL) -> pid_t? {
        let text = try? String(contentsOf: directory.appending(path: "\(name).pid"), encoding: .utf8)
        return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private static func end(_ directory: URL) {
        for name in ["kdc", "apache"] {
            if let process = Self.process(name, in: directory) { kill(process, SIGTERM) }
        }
        try? FileManager.default.removeItem(at: directory)
    }

    package func path(_ name: String) -> String {
        self.directory.appending(path: name).path(percentEncoded: false)
    }

    /// The environment of a process in the realm whose tickets are in a file of this name.
    ///
    /// - Parameters:
    ///   - tickets: The name of the file, which need not exist.
    ///   - kdcPort: Where the key distribution center is said to be, when it is to be wrong.
    ///   - clientKeytab: Whether there is a keytab with which tickets for the user are got when they are wanted.
    ///   - settings: What else stands in the file of settings, behind its section of libraries' defaults.
    /// - Returns: The variables that Kerberos looks at.
    /// - Throws: When the file of settings cannot be written.
    package func environment(
        tickets: String,
        kdcPort: Int? = nil,
        clientKeytab: Bool = false,
        settings: String = ""
    ) throws -> [String: String] {
        let number = settings.utf8.reduce(5381) { ($0 &* 33 &+ Int($1)) & 0xFFFF_FFFF }
        let configuration = self.path("krb5-\(kdcPort ?? self.kdcPort)-\(number).conf")
        if !FileManager.default.fileExists(atPath: configuration) {
            try self.configuration(kdcPort: kdcPort ?? self.kdcPort, settings: settings)
                .write(toFile: configuration, atomically: true, encoding: .utf8)
        }
        var environment = [
            "KRB5_CONFIG": configuration, "KRB5_KDC_PROFILE": self.path("kdc.conf"),
            "KRB5CCNAME": "FILE:\(self.path(tickets))",
            "KRB5RCACHENAME": "file2:\(self.path("replay"))", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        if clientKeytab { environment["KRB5_CLIENT_KTNAME"] = "FILE:\(self.path("users.keytab"))" }
        return environment
    }

    /// Gets the ticket for the web server into a cache.
    package func getServiceTicket(tickets: String) async throws {
        try await self.run("kvno", ["HTTP/localhost"], environment: self.environment(tickets: tickets))
    }

    /// Signs somebody in, as a person does with a password.
    package func kinit(_ principal: String = KerberosLab.user, tickets: String, lifetime: String = "1h") async throws {
        let arguments = ["-k", "-t", self.path("users.keytab"), "-l", lifetime, principal]
        try await self.run("kinit", arguments, environment: self.environment(tickets: tickets))
    }

    /// Gives somebody another key, as a new password does, so that the keytab is worth nothing any more.
    package func changePassword(of name: String) async throws {
        try await self.run("kadmin.local", ["-r", "EXAMPLE.TEST", "-q", "cpw -randkey \(name)"])
    }

    /// Makes tickets those of a machine whose clock is wrong.
    ///
    /// A file of tickets keeps by how much the clock of the machine differed from that of the key distribution center, and
    /// Kerberos adds it to the time.
    package func setClock(_ offset: Int32, tickets: String) throws {
        let file = URL(filePath: self.path(tickets))
        var bytes = try Data(contentsOf: file)
        // Version 4, the length of the header, and its one field: the number 1, its length, and the seconds.
        guard bytes.prefix(8).elementsEqual([5, 4, 0, 12, 0, 1, 0, 8]) else {
            throw Failure(description: "the file of tickets begins with \(bytes.prefix(8).map { $0 })")
        }
        bytes.replaceSubrange(8..<12, with: withUnsafeBytes(of: offset.bigEndian) { Data($0) })
        try bytes.write(to: file)
    }

    /// What programs of the laboratory have logged.
    package func log(_ name: String) -> String { (try? String(contentsOfFile: self.path(name), encoding: .utf8)) ?? "" }
}

extension KerberosLab {
    func run(_ program: String, _ arguments: [String], environment: [String: String]? = nil) async throws {
        try await Self.run(program, arguments, environment: environment ?? self.environment(tickets: "administrator"))
    }

    @discardableResult
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async throws -> CommandResult {
        let result = try await SubprocessCommandRunner().run(
            Command(program, arguments: arguments, environment: environment, timeout: .seconds(60))
        )
        guard result.exitCode == 0 else {
            throw Failure(description: "\(program): \(result.standardError) \(result.standardOutput)")
        }
        return result
    }
}
