import Foundation
import TestSupport

/// Hosts of their own on one machine: each a network namespace, and a switch that joins them.
///
/// They reach each other and nothing else. What one of them listens at on its loopback address is there for it alone.
final class HostNetwork: Sendable {
    /// How a host is cut off from the others.
    enum Cut: String, Sendable, CaseIterable {
        /// Its cable is pulled: the interface is down at the other end.
        case down
        /// What it sends and what is sent to it vanishes, and nobody is told.
        case silent
    }

    static var isAvailable: Bool { getuid() == 0 && Self.ip != nil }
    private static let ip = Checkout.installed("ip")

    /// Names are of the whole machine: what another run left must not be in the way.
    private let name = "tv\(UInt32.random(in: 0 ... 0xFFFFF))"
    private let hosts: [String]

    init(_ hosts: [String]) async throws {
        self.hosts = hosts
        do {
            try await self.ip("netns", "add", self.space("switch"))
            try await self.inSwitch("link", "add", "name", "br0", "type", "bridge")
            try await self.inSwitch("link", "set", "dev", "br0", "up")
            for host in hosts {
                try await self.ip("netns", "add", self.space(host))
                try await self.inSwitch(
                    "link",
                    "add",
                    "name",
                    host,
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "eth0",
                    "netns",
                    self.space(host)
                )
                try await self.inSwitch("link", "set", "dev", host, "master", "br0", "up")
                let here = ["-n", self.space(host)]
                try await self.ip(here + ["address", "add", "\(self.address(of: host))/24", "dev", "eth0"])
                for interface in ["lo", "eth0"] { try await self.ip(here + ["link", "set", "dev", interface, "up"]) }
            }
        } catch {
            await self.end()
            throw error
        }
    }

    /// Of the addresses that are for examples alone (RFC 5737).
    func address(of host: String) -> String { "192.0.2.\((self.hosts.firstIndex(of: host) ?? 0) + 10)" }

    /// What begins the command line of a program that is to run on a host.
    func prefix(of host: String) -> [String] { [Self.ip ?? "ip", "netns", "exec", self.space(host)] }

    /// The file by which a process enters the network of a host.
    func namespace(of host: String) -> String { "/run/netns/\(self.space(host))" }

    func cut(_ host: String, _ cut: Cut) async throws {
        switch cut {
        case .down: try await self.inSwitch("link", "set", "dev", host, "down")
        case .silent: try await self.inSwitch("link", "set", "dev", host, "nomaster")
        }
    }

    func join(_ host: String) async throws {
        try await self.inSwitch("link", "set", "dev", host, "master", "br0", "up")
    }

    /// Removes the hosts; processes that run there go on, and reach nobody.
    func end() async {
        for host in self.hosts + ["switch"] { try? await self.ip("netns", "delete", self.space(host)) }
    }

    private func space(_ host: String) -> String { "\(self.name)-\(host)" }

    private func inSwitch(_ arguments: String...) async throws {
        try await self.ip(["-n", self.space("switch")] + arguments)
    }

    private func ip(_ arguments: String...) async throws { try await self.ip(arguments) }

    private func ip(_ arguments: [String]) async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "ip-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try ChildProcess(
            Self.ip ?? "/usr/sbin/ip",
            arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            log: log
        )
        guard try await process.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "ip \(arguments.joined(separator: " ")): \(process.logText)")
        }
    }
}
