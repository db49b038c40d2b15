import ArgumentParser
import ProgramSupport

/// The variables that make a client come to this emulator, as Azure would set them.
struct ClientEnvironment {
    /// Where the client is to believe that it runs, or what it is to prove itself with.
    ///
    /// One at a time: clients that find the variables of two choose one by rules of their own. A managed identity has
    /// no `AZURE_AUTHORITY_HOST` for the same reason: Azure's clients do not start at all when it is not https.
    enum Source: String, CaseIterable, ExpressibleByArgument {
        case appService = "app-service"
        case appService2017 = "app-service-2017"
        case virtualMachine = "virtual-machine"
        case clientSecret = "client-secret"
        case clientCertificate = "client-certificate"
    }

    private let variables: [(name: String, value: String)]

    init(emulator: Emulator, source: Source) throws {
        let settings = emulator.settings
        let endpoint = "\(settings.baseURL)\(ManagedIdentityRoutes.path)"
        switch source {
        case .appService:
            self.variables = [("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", emulator.endpointSecret.value)]
        case .appService2017:
            self.variables = [("MSI_ENDPOINT", endpoint), ("MSI_SECRET", emulator.endpointSecret.value)]
        case .virtualMachine:
            self.variables = [("AZURE_POD_IDENTITY_AUTHORITY_HOST", settings.baseURL)]
        case .clientSecret:
            let clientID = try Self.application(of: emulator).clientID
            guard let secret = emulator.clientSecrets[clientID] else { throw Self.noApplication }
            let quoted = "'\(secret.value.replacing("'", with: "''"))'"
            self.variables = [
                ("AZURE_CLIENT_ID", clientID), ("AZURE_CLIENT_SECRET", secret.value),
                ("AZURE_TENANT_ID", settings.tenantID),
                (
                    "AzureServicesAuthConnectionString",
                    "RunAs=App;AppId=\(clientID);TenantId=\(settings.tenantID);AppKey=\(quoted)"
                ),
                ("AZURE_AUTHORITY_HOST", "\(settings.baseURL)/"),
            ]
        case .clientCertificate:
            let identity = try Self.application(of: emulator)
            guard let certificate = emulator.clientCertificates[identity.clientID] else { throw Self.noApplication }
            let state = try StateDirectory(preparing: settings.stateDirectory)
            self.variables = [
                ("AZURE_CLIENT_ID", identity.clientID),
                ("AZURE_CLIENT_CERTIFICATE_PATH", Emulator.certificateFile(of: identity, in: state).path),
                ("AZURE_TENANT_ID", settings.tenantID),
                (
                    "AzureServicesAuthConnectionString",
                    "RunAs=App;AppId=\(identity.clientID);TenantId=\(settings.tenantID);"
                        + "CertificateThumbprint=\(certificate.thumbprint);CertificateStoreLocation=CurrentUser"
                ),
                ("AZURE_AUTHORITY_HOST", "\(settings.baseURL)/"),
            ]
        }
    }

    private static let noApplication = ConfigurationError(
        "There is no application in the file of AZURE_EMULATOR_IDENTITIES; add one."
    )

    private static func application(of emulator: Emulator) throws -> Identity {
        guard let application = emulator.directory.applications.first else { throw Self.noApplication }
        return application.identity
    }

    /// One assignment a line, in the form that a shell reads; values that need no quotes have none, for the sake of
    /// programs that read such files and know no quotes.
    var text: String {
        self.variables.map { "\($0.name)=\(Self.quoted($0.value))\n" }.joined()
    }

    private static func quoted(_ value: String) -> String {
        if value.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._~:/@%+=".contains($0)) }) {
            return value
        }
        return "'\(value.replacing("'", with: #"'\''"#))'"
    }
}
