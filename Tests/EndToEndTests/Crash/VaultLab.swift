import Foundation

/// Stores with vaults and providers of their own, behind one nginx and with one emulator for the identities.
final class VaultLab: Sendable {
    let lanes: [VaultLane]
    let stack: Stack

    private init(lanes: [VaultLane], stack: Stack) {
        self.lanes = lanes
        self.stack = stack
    }

    /// The rows of these providers lead to this machine, which only root may allow.
    static var isAvailable: Bool { getuid() == 0 }

    /// Makes one lane for each kind, runs the body, and ends everything whatever happens.
    ///
    /// The stores may have small file systems of their own.
    static func with(
        _ kinds: [GrantLedger.Kind],
        vaults: Int = 1,
        storeMegabytes: Int? = nil,
        _ body: @Sendable (VaultLab) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tv-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: directory) }
        let ports = try FreePorts.take(kinds.count * vaults)
        var servers = ""
        for lane in kinds.indices {
            let place = directory.appending(path: "\(lane)")
            try FileManager.default.createDirectory(
                at: place,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
            for vault in 0..<vaults {
                let socket = place.appending(path: VaultLane.socket(vault)).path(percentEncoded: false)
                servers += Self.server(port: ports[lane * vaults + vault], socket: socket)
            }
        }
        try await Stack.with(.init(nginxExtra: servers)) { stack in
            let issuers = "\(stack.emulatorURL)/\(stack.tenantID)/,\(stack.emulatorURL)/\(stack.tenantID)/v2.0"
            let identity = VaultLane.Identity(
                issuers: issuers,
                tenant: stack.tenantID,
                object: stack.objectID,
                bearer: try await stack.bearer()
            )
            let lanes = try await Self.lanes(
                kinds,
                vaults: vaults,
                ports: ports,
                directory: directory,
                identity: identity,
                storeMegabytes: storeMegabytes
            )
            do {
                try await body(VaultLab(lanes: lanes, stack: stack))
            } catch {
                for lane in lanes { await lane.end() }
                throw error
            }
            for lane in lanes { await lane.end() }
        }
    }

    /// All at once: each takes a few programs, one after the other.
    private static func lanes(
        _ kinds: [GrantLedger.Kind],
        vaults: Int,
        ports: [Int],
        directory: URL,
        identity: VaultLane.Identity,
        storeMegabytes: Int?
    ) async throws -> [VaultLane] {
        try await withThrowingTaskGroup(of: (Int, VaultLane).self) { group in
            for (number, kind) in kinds.enumerated() {
                group.addTask {
                    let place = directory.appending(path: "\(number)")
                    let store = place.appending(path: "store").path(percentEncoded: false)
                    let lane = try await VaultLane(
                        directory: place,
                        ports: Array(ports[number * vaults..<(number + 1) * vaults]),
                        kind: kind,
                        identity: identity,
                        disk: try storeMegabytes.map { try SmallDisk(path: store, megabytes: $0) }
                    )
                    return (number, lane)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func server(port: Int, socket: String) -> String {
        """
        server {
            listen 127.0.0.1:\(port) backlog=4096;
            location / {
                include snippets/token-page-fastcgi.conf;
                fastcgi_pass unix:\(socket);
            }
        }

        """
    }
}
