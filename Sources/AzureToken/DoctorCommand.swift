import AppAuthentication
import ArgumentParser
import ProgramSupport

/// Tries every method, and says what each came to.
struct DoctorCommand: SurroundedCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Try every method, and say what each found, how long it took and what to do about it.",
        discussion: """
            All methods are tried at the same time, each on its own, those too that the settings do not select. The exit \
            code is 0 when one that they select gives a token.
            """
    )

    @OptionGroup var question: ResourceOption
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var format: OutputOption

    @Option(help: "How many seconds each method may take.")
    var timeout = 30

    func validate() throws {
        guard (1...3_600).contains(self.timeout) else {
            throw ValidationError("--timeout has to be from 1 to 3600 seconds.")
        }
    }

    func run(in context: CommandContext) async throws {
        let provider = try self.identity.makeProvider(in: context)
        let diagnostics = try await provider.diagnose(
            forResource: self.question.resource,
            tenantID: self.identity.tenant,
            limit: .seconds(self.timeout)
        )
        let report = DoctorReport(diagnostics, resource: self.question.resource, guide: context.guide)
        try context.say(self.format.output == .json ? try WhoAmIReport.json(report) : report.text)
        if report.used == nil { throw ExitCode(ExitStatus.failure.rawValue) }
    }
}
