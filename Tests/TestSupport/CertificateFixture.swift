import AppAuthentication
import Foundation

/// A directory of certificates that the real `openssl` made; it goes away with its last user.
package final class CertificateFixture: Sendable {
    private let directory: TemporaryDirectory
    package var path: String { self.directory.path }

    package init() throws {
        self.directory = try TemporaryDirectory()
    }

    /// Runs `openssl` here.
    ///
    /// Files that it writes are for their owner alone.
    @discardableResult
    package func openssl(_ arguments: [String]) async throws -> String {
        let command = Command(
            "sh",
            arguments: ["-c", "umask 077; cd \"$0\"; exec openssl \"$@\"", self.path] + arguments,
            environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            timeout: .seconds(60)
        )
        let result = try await SubprocessCommandRunner().run(command)
        guard result.exitCode == 0 else { throw OpenSSLFailure(arguments: arguments, message: result.standardError) }
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Makes `NAME.key` and `NAME.crt`, and returns the thumbprint as `openssl` tells it.
    @discardableResult
    package func makeCertificate(
        _ name: String,
        subject: String = "/CN=sample",
        key: [String] = ["rsa:2048"],
        extra: [String] = ["-days", "30"]
    ) async throws -> String {
        let arguments =
            ["req", "-x509", "-nodes", "-keyout", "\(name).key", "-out", "\(name).crt", "-subj", subject, "-newkey"]
            + key + extra
        try await self.openssl(arguments)
        return try await self.thumbprint(name)
    }

    /// Makes `NAME.key` and `NAME.crt`, valid from the beginning of one year to the beginning of another.
    @discardableResult
    package func makeCertificate(
        _ name: String,
        subject: String = "/CN=sample",
        key: [String] = ["rsa:2048"],
        years: Range<Int>
    ) async throws -> String {
        // Only this command of openssl lets one choose when a certificate begins.
        try self.write(
            """
            [ca]
            default_ca = authority
            [authority]
            database = index
            new_certs_dir = .
            rand_serial = yes
            default_md = sha256
            policy = policy
            unique_subject = no
            [policy]
            commonName = supplied
            """,
            to: "ca.conf"
        )
        try self.write("", to: "index")
        try await self.openssl(
            ["req", "-new", "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr", "-subj", subject, "-newkey"]
                + key
        )
        try await self.openssl([
            "ca", "-batch", "-notext", "-selfsign", "-config", "ca.conf", "-in", "\(name).csr",
            "-keyfile", "\(name).key", "-out", "\(name).crt",
            "-startdate", "\(years.lowerBound)0101000000Z", "-enddate", "\(years.upperBound)0101000000Z",
        ])
        return try await self.thumbprint(name)
    }

    /// Makes `NAME.key` and `NAME.crt`, signed with the key of another one here.
    package func makeCertificate(_ name: String, issuedBy issuer: String, isAuthority: Bool = false) async throws {
        try self.write("basicConstraints=CA:\(isAuthority ? "TRUE" : "FALSE")\n", to: "extensions")
        try await self.openssl([
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr", "-subj",
            "/CN=\(name)",
        ])
        try await self.openssl([
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).crt", "-CAkey", "\(issuer).key", "-set_serial", "7",
            "-days", "30", "-extfile", "extensions", "-out", "\(name).crt",
        ])
    }

    package func thumbprint(_ name: String, digest: String = "-sha1") async throws -> String {
        let line = try await self.openssl(["x509", "-in", "\(name).crt", "-noout", "-fingerprint", digest])
        return String(line.split(separator: "=").last ?? "").replacing(":", with: "")
    }

    /// Makes `NAME.pfx` out of `NAME.key` and `NAME.crt`.
    package func makePFX(_ name: String, password: String = "", extra: [String] = []) async throws {
        let arguments =
            ["pkcs12", "-export", "-inkey", "\(name).key", "-in", "\(name).crt", "-out", "\(name).pfx"]
            + ["-passout", "pass:\(password)"] + extra
        try await self.openssl(arguments)
    }

    /// Makes `NAME.pem` out of the key and the certificate.
    package func makePEM(_ name: String, parts: [String] = ["key", "crt"]) throws {
        try self.write(try parts.map { try self.read("\(name).\($0)") }.joined(), to: "\(name).pem")
    }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(self.path)/\(name)", encoding: .utf8)
    }

    package func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        try self.directory.write(text, to: name, mode: mode)
    }

    package func setMode(_ mode: Int, _ name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(self.path)/\(name)")
    }

    package func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(self.path)/\(name)")
    }
}

extension CertificateFixture {
    /// One certificate for all tests that only need some certificate: `sample.pfx`, `sample.crt`, `sample.key`.
    package static let sample = Task {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("sample", subject: "/CN=sample")
        try await fixture.makePFX("sample")
        return fixture
    }
}

/// `openssl` did not do what a test needs.
package struct OpenSSLFailure: Error {
    let arguments: [String]
    let message: String
}
