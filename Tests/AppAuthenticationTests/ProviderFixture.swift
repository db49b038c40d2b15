import Logging
import TestSupport
import TokenTransport

@testable import AppAuthentication

/// Providers that share a cache and a clock, on a machine with nothing installed unless a test says otherwise.
struct ProviderFixture {
    static let secretString = "RunAs=App;AppId=\(Sample.appID);TenantId=\(Sample.tenantID);AppKey='S3cr;''et'"

    let clock = ManualClock(movesWhenSlept: true)
    let cache: TokenCache

    init() {
        let clock = self.clock
        self.cache = TokenCache(now: { clock.date }, uptime: { clock.now.offset })
    }

    func provider(
        _ connectionString: String? = nil,
        instance: String? = nil,
        environment: [String: String] = [:],
        transport: FakeTransport = FakeTransport([.failure(TransportError(.timeout, "timed out"))]),
        runner: FakeCommandRunner = .nothingInstalled,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) throws -> AzureServiceTokenProvider {
        let clock = self.clock
        return try AzureServiceTokenProvider(
            connectionString: connectionString,
            azureADInstance: instance,
            environment: environment,
            transport: transport,
            commandRunner: runner,
            cache: self.cache,
            probe: MetadataServiceProbe(),
            clock: clock,
            now: { clock.date },
            logger: logger,
            tickets: FakeTickets(failure: .noLibrary),
            memory: IntegratedAuthenticationMemory()
        )
    }
}
