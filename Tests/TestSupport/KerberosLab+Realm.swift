import AppAuthentication
import Foundation
import Glibc

extension KerberosLab {
    /// What the library of a client reads.
    func configuration(kdcPort: Int, settings: String = "") -> String {
        """
        [libdefaults]
         default_realm = EXAMPLE.TEST
         dns_lookup_realm = false
         dns_lookup_kdc = false
         dns_canonicalize_hostname = false
         rdns = false
         udp_preference_limit = 1
         default_client_keytab_name = FILE:\(self.path("none.keytab"))
        \(settings)
        [realms]
         EXAMPLE.TEST = {
          kdc = 127.0.0.1:\(kdcPort)
         }

        """
    }

    /// Writes what the servers read.
    func writeConfiguration() throws {
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

    /// Makes the people and the services of the realm, and their keys.
    func makeRealm() async throws {
        // Written by whoever Apache's workers are.
        try Data().write(to: self.directory.appending(path: "replay"))
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: self.path("replay"))
        try await self.run("kdb5_util", ["create", "-s", "-r", "EXAMPLE.TEST", "-P", UUID().uuidString])
        let queries = [
            "addprinc -randkey ann", "addprinc -randkey bob", "addprinc -randkey WEB01$",
            "addprinc -randkey HTTP/localhost",
            "ktadd -k \(self.path("http.keytab")) HTTP/localhost",
            "ktadd -k \(self.path("users.keytab")) ann WEB01$ bob",
        ]
        for query in queries {
            try await self.run("kadmin.local", ["-r", "EXAMPLE.TEST", "-q", query])
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: self.path("http.keytab"))
    }

    /// Makes the certificate of Apache, and returns its thumbprint.
    static func makeCertificate(in directory: URL) async throws -> String {
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
}
