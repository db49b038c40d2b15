package import FastCGI
import Foundation
import ProgramSupport
import TokenTransport

/// From where the metrics of a server may be read: from nowhere, unless a setting names addresses.
package struct MetricsAccess: Sendable, Equatable {
    package static let path = "/metrics"

    private let ranges: [AddressRange]

    /// Reads a list of addresses and ranges with commas between them.
    ///
    /// - Throws: ``ConfigurationError``.
    package init(variable: String, environment: [String: String]) throws {
        self.ranges = try (environment[variable] ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
            .map { text in
                guard let range = AddressRange(text) else {
                    throw ConfigurationError(
                        "\(variable) holds \"\(text)\", which is no address: write 127.0.0.1, or a range such as 10.0.0.0/8."
                    )
                }
                return range
            }
    }

    /// Whether they may be read from anywhere at all.
    package var isOpen: Bool { !self.ranges.isEmpty }

    /// Whether whoever asks may: the web server says from which address the request came.
    package func allows(_ context: GatewayRequestContext) -> Bool {
        guard let address = context.remoteAddress.flatMap({ IPAddress($0) }) else { return false }
        return self.ranges.contains { $0.contains(address) }
    }
}
