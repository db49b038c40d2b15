import AppAuthentication
import Foundation
import Logging
import OAuthWire
import ProgramSupport
import TokenTransport

/// What the commands reach the world through.
struct CommandContext: Sendable {
    let environment: [String: String]
    let transport: any HTTPTransport
    let commandRunner: any CommandRunner
    let probe: MetadataServiceProbe
    let zone: LocalTimeZone
    let guide: TroubleshootingGuide
    let readInput: @Sendable () async throws -> Data
    let write: @Sendable (String) throws -> Void
    let writeError: @Sendable (String) -> Void

    static var process: Self {
        Self(
            environment: ProcessInfo.processInfo.environment,
            transport: URLSessionTransport.shared,
            commandRunner: SubprocessCommandRunner(),
            probe: .shared,
            zone: .machine,
            guide: TroubleshootingGuide(),
            readInput: { try await StandardInput.read() },
            write: { try StandardOutput.write($0) },
            writeError: { StandardErrorLog.shared.write($0) }
        )
    }

    /// Prints a text on standard output, on lines of its own.
    ///
    /// - Throws: ``OutputError`` when it does not get there: a script must not take nothing for a token.
    func say(_ text: String) throws { try self.write(text.hasSuffix("\n") ? text : text + "\n") }

    /// Prints a text on standard error, on lines of its own.
    func complain(_ text: String) { self.writeError(text.hasSuffix("\n") ? text : text + "\n") }

    /// A provider with nothing in its cache.
    ///
    /// - Throws: ``ConfigurationError``, and the provider's own error, when a setting cannot be used.
    func makeProvider(connectionString: String?) throws -> AzureServiceTokenProvider {
        try AzureServiceTokenProvider(
            connectionString: connectionString,
            environment: self.environment,
            transport: self.transport,
            commandRunner: self.commandRunner,
            cache: TokenCache(),
            probe: self.probe,
            logger: try Logger.program(
                "azure-token",
                environment: self.environment,
                defaultLevel: .warning
            )
        )
    }
}
