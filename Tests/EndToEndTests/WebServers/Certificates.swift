import Foundation

/// Certificates for a web server and for a person, made for the occasion.
enum Certificates {
    /// `server.pem`, `server.key` and `both.pem`; and `clients.pem`, an authority, with `ann.pem` and `ann.key` of it, and
    /// `eve.pem` and `eve.key` of nobody's.
    static func make(in directory: URL) async throws {
        let path = { (name: String) in directory.appending(path: name).path(percentEncoded: false) }
        let new = ["req", "-x509"] + Self.key + ["-days", "1"]
        let server = ["-subj", "/CN=\(WebServer.name)", "-addext", "subjectAltName=DNS:\(WebServer.name)"]
        try await Self.openssl(new + server + ["-keyout", path("server.key"), "-out", path("server.pem")], directory)
        try await Self.openssl(
            new + ["-subj", "/CN=authority", "-keyout", path("clients.key"), "-out", path("clients.pem")],
            directory
        )
        try await Self.openssl(
            new + ["-subj", "/CN=ann", "-keyout", path("eve.key"), "-out", path("eve.pem")],
            directory
        )
        let request = ["req", "-new"] + Self.key + ["-subj", "/CN=ann"]
        try await Self.openssl(request + ["-keyout", path("ann.key"), "-out", path("ann.csr")], directory)
        let authority = ["-CA", path("clients.pem"), "-CAkey", path("clients.key"), "-CAcreateserial", "-days", "1"]
        try await Self.openssl(
            ["x509", "-req", "-in", path("ann.csr"), "-out", path("ann.pem")] + authority,
            directory
        )
        let both = try ["server.pem", "server.key"].map { try String(contentsOfFile: path($0), encoding: .utf8) }
        try both.joined().write(toFile: path("both.pem"), atomically: true, encoding: .utf8)
    }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func openssl(_ arguments: [String], _ directory: URL) async throws {
        guard let openssl = Checkout.installed("openssl") else {
            throw ChildProcess.Failure(description: "openssl is not installed")
        }
        let log = directory.appending(path: "openssl.log")
        let process = try ChildProcess(openssl, arguments, environment: ["PATH": "/usr/bin:/bin"], log: log)
        guard try await process.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "openssl \(arguments): \(process.logText)")
        }
    }
}
