import Foundation
import Logging
import OAuthWire
import TokenTransport

/// What credentials reach the world through.
struct CredentialDependencies: Sendable {
    let environment: [String: String]
    let transport: any HTTPTransport
    let commandRunner: any CommandRunner
    let probe: MetadataServiceProbe
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    var tickets: any TicketSource = KerberosTickets.shared
    var memory: IntegratedAuthenticationMemory = .shared
    var toolCooldown: ToolCooldown = .shared
    /// What a date without a time zone means in the output of a program of this machine.
    var zone = LocalTimeZone.machine
    /// What stands before the path of a file of the machine: nothing but in tests.
    var root = ""

    /// An environment variable; one that is blank counts as one that is not set.
    func variable(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isBlank ? nil : $0 }
    }
}

extension CredentialDependencies: CustomStringConvertible, CustomReflectable {
    // The environment may hold a connection string or the secret of an identity endpoint.
    var description: String { "CredentialDependencies(environment: <redacted>)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
