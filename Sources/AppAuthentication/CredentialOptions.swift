import Foundation
public import Logging
public import TokenTransport

/// What a credential and a provider reach the world through, where that is not to be what the process has.
public struct CredentialOptions: Sendable {
    /// The variables of the environment; those of the process unless others are given.
    public var environment: [String: String] {
        didSet { self.isOfProcess = false }
    }

    /// The HTTP client; the process-wide `URLSession` of this package unless another is given.
    ///
    /// Service Fabric and Kerberos have connections of their own.
    public var transport: any HTTPTransport {
        didSet { self.isOfProcess = false }
    }

    /// Where it is told what is tried and what came of it, without secrets; a logger with the label `AppAuthentication`
    /// unless another is given.
    public var logger: Logger

    /// The address of Microsoft Entra ID, for national clouds and emulators; nil for that of `AZURE_AUTHORITY_HOST`, else of
    /// the public cloud.
    public var azureADInstance: String?

    /// Whether what is found out with these options holds for the whole process.
    private(set) var isOfProcess = true

    /// The environment of the process, the shared HTTP client, and a logger of the application's logging system.
    public init() {
        self.environment = ProcessInfo.processInfo.environment
        self.transport = URLSessionTransport.shared
        self.logger = Logger(label: "AppAuthentication")
        self.azureADInstance = nil
    }

    /// Another environment or HTTP client may see another Instance Metadata Service, or none.
    var probe: MetadataServiceProbe { self.isOfProcess ? .shared : MetadataServiceProbe() }

    /// What credentials are made with.
    var dependencies: CredentialDependencies {
        CredentialDependencies(
            environment: CleanedEnvironment(self.environment).variables(warning: self.logger),
            transport: self.transport,
            commandRunner: SubprocessCommandRunner(),
            probe: self.probe,
            clock: ContinuousClock(),
            now: { Date() },
            logger: self.logger
        )
    }
}

extension CredentialOptions: CustomStringConvertible, CustomReflectable {
    /// Nothing of it: the environment may hold a secret.
    public var description: String { "CredentialOptions(environment: <redacted>)" }

    /// Nothing of it.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
