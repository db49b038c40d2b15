import Foundation
import TestSupport

extension OAuthLab {
    struct Options: Sendable {
        /// How many seconds an access token lives.
        var lifetime = 6
        /// What registration.json says beyond that.
        var settings: [String: Double] = [:]
        /// Further rows, by name, with the columns in which they differ; BASE stands for the server's address.
        var variants: [String: String] = [:]
        /// Between vault and token endpoint: nginx, which gives the server this many seconds to answer.
        var gatewaySeconds: Int?
    }

    /// Starts all of it, runs the body, and ends everything whatever happens.
    static func with(
        _ kind: OAuthServerKind,
        _ options: Options = Options(),
        _ body: (OAuthLab) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "oauth-\(UUID().uuidString.prefix(8))")
        let rows = directory.appending(path: "providers")
        try FileManager.default.createDirectory(at: rows, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = try OAuthServer(kind, directory: directory)
        let gateway = try options.gatewaySeconds.map { (port: try FreePorts.three().0, seconds: $0) }
        try Self.writeRows(of: server, options, gateway: gateway?.port, to: rows)
        let addresses = directory.appending(path: "addresses")
        try Data("127.0.0.1\n::1\n".utf8).write(to: addresses)
        var stackOptions = Stack.Options(grantsAccess: false)
        stackOptions.vaultEnvironment = [
            "TOKEN_VAULT_PROVIDERS": rows.path(percentEncoded: false),
            "TOKEN_VAULT_ALLOWED_ADDRESSES": addresses.path(percentEncoded: false),
        ]
        if let gateway {
            stackOptions.nginxExtra = """
                server {
                    listen 127.0.0.1:\(gateway.port);
                    location / { proxy_pass \(server.url); proxy_read_timeout \(gateway.seconds)s; }
                }
                """
        }
        try await Stack.with(stackOptions) { stack in
            try server.register(
                redirectURI: stack.vaultURL + "/redirect",
                lifetime: options.lifetime,
                settings: options.settings
            )
            try await stack.vault(
                [
                    "policy", "grant", "--tenant", stack.tenantID, "--object", stack.objectID, "--permissions",
                    "Get,List,CreateOrUpdate,Delete",
                ]
            )
            do {
                try await server.start()
                let lab = OAuthLab(stack: stack, server: server, authorization: "Bearer \(try await stack.bearer())")
                try await lab.setService("files")
                try await body(lab)
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    private static func writeRows(of server: OAuthServer, _ options: Options, gateway: Int?, to rows: URL) throws {
        let path = server.kind.tokenPath
        var row = server.kind.row(at: server.url)
        if let gateway {
            row = row.replacingOccurrences(of: server.url + path, with: "http://127.0.0.1:\(gateway)\(path)")
        }
        try Data(row.utf8).write(to: rows.appending(path: "lab.json"))
        for (name, columns) in options.variants {
            let columns = columns.replacingOccurrences(of: "BASE", with: server.url)
                .replacingOccurrences(of: "PORT", with: "\(server.port)")
            let row = "{\"\(name)\": {\"extends\": \"lab\", \"privateNetwork\": true, \(columns)}}"
            // Behind the one that it extends.
            try Data(row.utf8).write(to: rows.appending(path: "variant-\(name).json"))
        }
    }

    /// Makes or changes a service of the vault, as its administrator does.
    func setService(_ name: String, provider: String = "lab", secret: String? = nil) async throws {
        let file = self.server.directory.appending(path: "secret-\(name)")
        try Data("\(secret ?? self.server.clientSecret)\n".utf8).write(to: file)
        try await self.stack.vault(
            [
                "service", "set", name, "--provider", provider, "--client-id", self.server.clientID, "--return-url",
                self.stack.pageURL + "/",
            ],
            input: file.path(percentEncoded: false)
        )
    }
}
