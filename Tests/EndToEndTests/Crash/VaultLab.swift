import Foundation
import TestSupport

/// Stores with vaults and providers of their own, behind one nginx and with one emulator for the identities.
final class VaultLab: Sendable {
    let lanes: [VaultLane]
    let stack: Stack

    /// The server that the stores are in; nil when they are in files.
    let cluster: PostgresCluster?

    private init(lanes: [VaultLane], stack: Stack, cluster: PostgresCluster?) {
        self.lanes = lanes
        self.stack = stack
        self.cluster = cluster
    }

    /// Hosts that the vaults are on, in their order.
    struct Hosts: Sendable {
        let prefixes: [Int: [String]]
        let namespaces: [String]

        init(_ names: [String], in network: HostNetwork) {
            self.prefixes = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0, network.prefix(of: $1)) })
            self.namespaces = names.map(network.namespace)
        }
    }

    /// The rows of these providers lead to this machine, which only root may allow.
    static var isAvailable: Bool { getuid() == 0 }

    /// Makes one lane for each kind, runs the body, and ends everything whatever happens.
    ///
    /// The stores may have small file systems of their own, or be in a server; the vaults may be on hosts of their own.
    static func with(
        _ kinds: [GrantLedger.Kind],
        vaults: Int = 1,
        storeMegabytes: Int? = nil,
        cluster: PostgresCluster? = nil,
        hosts: Hosts? = nil,
        _ body: @Sendable (VaultLab) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tv-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: directory) }
        // One for each vault, and one at which nginx takes turns.
        let ports = try FreePorts.take(kinds.count * (vaults + 1))
        var servers = ""
        for lane in kinds.indices {
            let place = directory.appending(path: "\(lane)")
            try FileManager.default.createDirectory(
                at: place,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755]
            )
            let sockets = (0..<vaults).map { vault in
                "unix:" + place.appending(path: VaultLane.socket(vault)).path(percentEncoded: false)
            }
            let own = ports[lane * (vaults + 1)..<(lane + 1) * (vaults + 1)]
            for (port, socket) in zip(own, sockets) { servers += Self.server(port: port, target: socket) }
            servers += Self.balancer("lane\(lane)", port: own.last ?? 0, sockets: sockets)
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
                storeMegabytes: storeMegabytes,
                cluster: cluster,
                hosts: hosts
            )
            var relays: [HostRelay] = []
            do {
                for port in [stack.emulatorPort] + lanes.map(\.provider.port) {
                    for namespace in hosts?.namespaces ?? [] {
                        relays.append(try await HostRelay(port: port, namespace: namespace))
                    }
                }
                try await body(VaultLab(lanes: lanes, stack: stack, cluster: cluster))
            } catch {
                for relay in relays { relay.end() }
                for lane in lanes { await lane.end() }
                throw error
            }
            for relay in relays { relay.end() }
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
        storeMegabytes: Int?,
        cluster: PostgresCluster?,
        hosts: Hosts?
    ) async throws -> [VaultLane] {
        try await withThrowingTaskGroup(of: (Int, VaultLane).self) { group in
            for (number, kind) in kinds.enumerated() {
                group.addTask {
                    let place = directory.appending(path: "\(number)")
                    let store = place.appending(path: "store").path(percentEncoded: false)
                    let lane = try await VaultLane(
                        directory: place,
                        ports: Array(ports[number * (vaults + 1)..<(number + 1) * (vaults + 1)]),
                        kind: kind,
                        identity: identity,
                        place: cluster.map { .postgres($0, database: "lane\(number)") } ?? .file,
                        disk: try storeMegabytes.map { try SmallDisk(path: store, megabytes: $0) },
                        prefixes: hosts?.prefixes ?? [:]
                    )
                    return (number, lane)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func server(port: Int, target: String) -> String {
        """
        server {
            listen 127.0.0.1:\(port) backlog=4096;
            location / {
                include snippets/token-page-fastcgi.conf;
                fastcgi_pass \(target);
            }
        }

        """
    }

    /// A vault that is not there is passed over, and looked at again soon.
    private static func balancer(_ name: String, port: Int, sockets: [String]) -> String {
        let servers = sockets.map { "server \($0) max_fails=1 fail_timeout=2s;" }.joined(separator: " ")
        return "upstream \(name) { \(servers) }\n" + self.server(port: port, target: name)
    }
}
