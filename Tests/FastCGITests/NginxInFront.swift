import Foundation
import TestSupport

/// A real nginx before a server of the tests, with a unix socket of its own.
final class NginxInFront: Sendable {
    struct NotInstalled: Error {}

    let path: String
    private let process: Process
    private let directory: TemporaryDirectory

    /// Runs an nginx for as long as the body runs.
    ///
    /// - Parameters:
    ///   - server: The socket of the server.
    ///   - settings: What its only location says beside that.
    ///   - body: Gets the path of nginx's own socket, which speaks HTTP.
    /// - Throws: What the body throws, and ``NotInstalled`` where there is no nginx, or none that starts.
    static func with(_ server: String, settings: String, _ body: (_ path: String) async throws -> Void) async throws {
        let nginx = try NginxInFront(server, settings: settings)
        do {
            guard try await eventually({ (try? FastCGIPeer(path: nginx.path))?.close() != nil }) else {
                throw NotInstalled()
            }
            try await body(nginx.path)
        } catch {
            await nginx.stop()
            throw error
        }
        await nginx.stop()
    }

    private init(_ server: String, settings: String) throws {
        guard
            let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].first(where: FileManager.default.isExecutableFile)
        else { throw NotInstalled() }
        let directory = try TemporaryDirectory()
        self.directory = directory
        self.path = directory.file("n")
        let places = ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"].map {
            "\($0)_temp_path \(directory.file($0));"
        }
        let configuration = """
            daemon off;
            \(getuid() == 0 ? "user root;" : "")
            worker_processes 1;
            pid \(directory.file("pid"));
            events {}
            http {
                access_log off;
                \(places.joined(separator: "\n    "))
                server {
                    listen unix:\(self.path);
                    location / {
                        fastcgi_param REQUEST_METHOD $request_method;
                        fastcgi_param REQUEST_URI $request_uri;
                        \(settings)
                        fastcgi_pass unix:\(server);
                    }
                }
            }
            """
        try configuration.write(toFile: self.directory.file("nginx.conf"), atomically: true, encoding: .utf8)
        self.process = Process()
        self.process.executableURL = URL(filePath: program)
        self.process.arguments = ["-c", self.directory.file("nginx.conf"), "-e", self.directory.file("log")]
        try self.process.run()
    }

    private func stop() async {
        self.process.terminate()
        try? await onThread { self.process.waitUntilExit() }
    }

    /// A request for a path, after whose answer the connection is closed.
    static func request(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    }
}
