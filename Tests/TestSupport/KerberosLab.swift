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
        "/usr/sbin/krb5kdc", "/usr/sbin/kdb5_util", "/usr/sbin/kadmin.local", "/usr/bin/kinit", "/usr/sbin/apache2",
        "/usr/lib/apache2/modules/mod_auth_gssapi.so", "/usr/bin/openssl",
    ]

    /// Whether this machine has what it takes; the reason for tests that are skipped is ``requirement``.
    package static let isInstalled = KerberosLab.programs.allSatisfy(FileManager.default.fileExists)
    package static let requirement =
        "needs krb5-kdc, krb5-admin-server, krb5-user, apache2, libapache2-mod-auth-gssapi and openssl: run make deps"

    package let federation: FakeFederation
    /// The SHA-1 thumbprint of the certificate that Apache has for its https address.
    package let thumbprint: String
    private let directory: URL
    private let kdcPort: Int

    private init(directory: URL) async throws {
        self.directory = directory
        let ports = try Self.freePorts(3)
        self.kdcPort = ports[0]
        self.federation = try FakeFederation(plainPort: ports[1], securePort: ports[2])
        self.thumbprint = try await Self.makeCertificate(in: directory)
        try self.writeConfiguration()
        try await self.makeRealm()
        try await self.run("krb5kdc", ["-P", self.path("kdc.pid")])
        try await self.run("apache2", ["-d", self.path(""), "-f", self.path("apache.conf"), "-k", "start"])
    }

    /// Starts a laboratory, runs the body, and ends everything whatever happens.
    package static func with(_ body: (KerberosLab) async throws -> Void) async throws {
        let name = "krb-\(UUID().uuidString.prefix(8))"
        let directory = FileManager.default.temporaryDirectory.appending(path: name)
        // Apache's workers are another user where the test is root.
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        defer {
            for process in ["kdc.pid", "apache.pid"] {
                let text = try? String(contentsOf: directory.appending(path: process), encoding: .utf8)
                if let id = text.flatMap({ pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }) {
                    kill(id, SIGTERM)
                }
            }
            try? FileManager.default.removeItem(at: directory)
        }
        try await body(try await KerberosLab(directory: directory))
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
    /// - Returns: The variables that Kerberos looks at.
    /// - Throws: When the file of settings cannot be written.
    package func environment(
        tickets: String,
        kdcPort: Int? = nil,
        clientKeytab: Bool = false
    ) throws -> [String: String] {
        let configuration = self.path("krb5-\(kdcPort ?? self.kdcPort).conf")
        if !FileManager.default.fileExists(atPath: configuration) {
            try self.configuration(kdcPort: kdcPort ?? self.kdcPort)
                .write(toFile: configuration, atomically: true, encoding: .utf8)
        }
        return [
            "KRB5_CONFIG": configuration, "KRB5_KDC_PROFILE": self.path("kdc.conf"),
            "KRB5CCNAME": "FILE:\(self.path(tickets))",
            "KRB5_CLIENT_KTNAME": "FILE:\(self.path(clientKeytab ? "users.keytab" : "none.keytab"))",
            "KRB5RCACHENAME": "file2:\(self.path("replay"))", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ]
    }

    /// Signs somebody in, as a person does with a password.
    package func kinit(_ principal: String = KerberosLab.user, tickets: String, lifetime: String = "1h") async throws {
        let arguments = ["-k", "-t", self.path("users.keytab"), "-l", lifetime, principal]
        try await self.run("kinit", arguments, environment: self.environment(tickets: tickets))
    }

    /// What programs of the laboratory have logged.
    package func log(_ name: String) -> String { (try? String(contentsOfFile: self.path(name), encoding: .utf8)) ?? "" }

    /// TCP ports that nothing listens on.
    package static func freePorts(_ count: Int) throws -> [Int] {
        // Held all at once, so that they differ.
        let servers = try (0..<count).map { _ in try LoopbackServer(.close) }
        defer { for server in servers { server.stop() } }
        return servers.map(\.port)
    }
}

extension KerberosLab {
    private func configuration(kdcPort: Int) -> String {
        """
        [libdefaults]
         default_realm = EXAMPLE.TEST
         dns_lookup_realm = false
         dns_lookup_kdc = false
         dns_canonicalize_hostname = false
         rdns = false
         udp_preference_limit = 1
        [realms]
         EXAMPLE.TEST = {
          kdc = 127.0.0.1:\(kdcPort)
         }

        """
    }

    private func writeConfiguration() throws {
        try """
        [kdcdefaults]
         kdc_listen = 127.0.0.1:\(self.kdcPort)
         kdc_tcp_listen = 127.0.0.1:\(self.kdcPort)
        [realms]
         EXAMPLE.TEST = {
          database_name = \(self.path("principal"))
          key_stash_file = \(self.path("stash"))
          acl_file = \(self.path("acl"))
          max_life = 1h
         }
        [logging]
         kdc = FILE:\(self.path("kdc.log"))

        """.write(toFile: self.path("kdc.conf"), atomically: true, encoding: .utf8)
        let modules = [
            "mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi", "headers", "proxy", "proxy_http",
            "ssl",
        ]
        try """
        \(modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }.joined(separator: "\n"))
        \(geteuid() == 0 ? "User www-data\nGroup www-data" : "")
        ServerName localhost
        PidFile \(self.path("apache.pid"))
        DefaultRuntimeDir \(self.path(""))
        ErrorLog \(self.path("apache.log"))
        LogLevel info
        StartServers 1
        Listen 127.0.0.1:\(self.federation.plainPort)
        Listen 127.0.0.1:\(self.federation.securePort)
        <VirtualHost *:\(self.federation.securePort)>
          SSLEngine on
          SSLCertificateFile \(self.path("certificate.pem"))
          SSLCertificateKeyFile \(self.path("key.pem"))
        </VirtualHost>
        <Location /adfs>
          AuthType GSSAPI
          AuthName lab
          GssapiCredStore keytab:\(self.path("http.keytab"))
          Require valid-user
          RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
        </Location>
        <Location /adfs/private>
          Require user nobody
        </Location>
        ProxyPass /adfs http://127.0.0.1:\(self.federation.port)/adfs

        """.write(toFile: self.path("apache.conf"), atomically: true, encoding: .utf8)
    }

    private func makeRealm() async throws {
        // Written by whoever Apache's workers are.
        try Data().write(to: self.directory.appending(path: "replay"))
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: self.path("replay"))
        try await self.run("kdb5_util", ["create", "-s", "-r", "EXAMPLE.TEST", "-P", UUID().uuidString])
        let queries = [
            "addprinc -randkey ann", "addprinc -randkey WEB01$", "addprinc -randkey HTTP/localhost",
            "ktadd -k \(self.path("http.keytab")) HTTP/localhost", "ktadd -k \(self.path("users.keytab")) ann WEB01$",
        ]
        for query in queries {
            try await self.run("kadmin.local", ["-r", "EXAMPLE.TEST", "-q", query])
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: self.path("http.keytab"))
    }

    private static func makeCertificate(in directory: URL) async throws -> String {
        let path = { (name: String) in directory.appending(path: name).path(percentEncoded: false) }
        let certificate = path("certificate.pem")
        try await Self.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-keyout", path("key.pem"), "-out", certificate,
            ]
        )
        let print = try await Self.run("openssl", ["x509", "-in", certificate, "-noout", "-fingerprint", "-sha1"])
        return print.standardOutput.split(separator: "=").last.map { $0.filter(\.isHexDigit) } ?? ""
    }

    private func run(_ program: String, _ arguments: [String], environment: [String: String]? = nil) async throws {
        try await Self.run(program, arguments, environment: environment ?? self.environment(tickets: "administrator"))
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async throws -> CommandResult {
        let result = try await SubprocessCommandRunner().run(
            Command(program, arguments: arguments, environment: environment, timeout: .seconds(20))
        )
        guard result.exitCode == 0 else {
            throw Failure(description: "\(program): \(result.standardError) \(result.standardOutput)")
        }
        return result
    }
}
