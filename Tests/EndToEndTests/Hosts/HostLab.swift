import Foundation
import TestSupport

/// Two vaults on hosts of their own, a database on a third, one nginx before them, and a provider that ends the access of whoever
/// shows an old refresh token.
struct HostLab: Sendable {
    /// The hosts of the vaults, in their order.
    static let vaults = ["a", "b"]
    static let database = "db"

    static var isAvailable: Bool {
        VaultLab.isAvailable && PostgresCluster.isAvailable && HostNetwork.isAvailable
    }

    let network: HostNetwork
    let cluster: PostgresCluster
    let lane: VaultLane

    /// Makes all of it, starts the vaults, runs the body, and ends everything whatever happens.
    static func with(_ body: @Sendable (HostLab) async throws -> Void) async throws {
        let network = try await HostNetwork(self.vaults + [self.database])
        do {
            try await self.with(network, body)
        } catch {
            await network.end()
            throw error
        }
        await network.end()
    }

    private static func with(
        _ network: HostNetwork,
        _ body: @Sendable (HostLab) async throws -> Void
    ) async throws {
        let cluster = try await PostgresCluster(
            host: network.address(of: self.database),
            port: 5432,
            prefix: network.prefix(of: self.database)
        )
        do {
            let hosts = VaultLab.Hosts(self.vaults, in: network)
            try await VaultLab.with([.strict], vaults: self.vaults.count, cluster: cluster, hosts: hosts) { lab in
                let host = HostLab(network: network, cluster: cluster, lane: lab.lanes[0])
                for vault in self.vaults.indices { try await host.lane.start(vault) }
                try await body(host)
            }
        } catch {
            await cluster.end()
            throw error
        }
        await cluster.end()
    }
}
