import ArgumentParser
import AsyncHTTPTransport
import Foundation
import ProgramSupport
import ServerCommand
import TokenTransport
import VaultCore

/// Looks at everything that the vault needs, and says what is broken.
struct DoctorCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is broken now, and what to do about it.",
        discussion: """
            Settings, key, store, disk, clock, issuers, services, tokens, policies and what renewals left behind are looked \
            at; issuers are asked for their keys, and nothing is changed. The exit code is 0 when nothing is broken.
            """
    )

    @Option(help: "How many seconds an issuer may take.")
    var timeout = 10

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let trusted = (try? ProviderAccess(environment: context.environment).trusted) ?? .ofMachine
        try await self.run(in: context, transport: AsyncHTTPTransport(trusting: trusted))
    }

    func run(
        in context: CommandContext,
        transport: any HTTPTransport,
        now: @escaping @Sendable () -> Date = { Date() }
    ) async throws {
        guard (1...600).contains(self.timeout) else {
            throw UsageError("--timeout has to be from 1 to 600 seconds.")
        }
        let doctor = Doctor(
            environment: context.environment,
            transport: transport,
            timeout: .seconds(self.timeout),
            now: now
        )
        let report = DoctorReport(await doctor.findings())
        try context.report(report, self.output, or: [report.text])
        guard report.works else { throw ExitCode(ExitStatus.failure.rawValue) }
    }
}
