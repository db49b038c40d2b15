/// What the developer tools are given of the environment of this process: all of it but the proofs of its own identity.
///
/// A tool has a login of its own. Its extensions, its telemetry and what it starts itself have no business with the secrets
/// of the application that asks it.
enum ToolEnvironment {
    /// Secrets, by themselves.
    private static let secrets: Set = [
        "azureservicesauthconnectionstring", "azure_client_secret", "azure_client_certificate_password",
        "azure_password", "azure_federated_token", "identity_header", "msi_secret",
        "token_page_secret",
    ]

    /// What belongs to a secret, and would be taken for something else without it: `MSI_ENDPOINT` alone means Cloud Shell.
    private static let companions = [
        "identity_header": ["identity_endpoint", "identity_server_thumbprint", "identity_api_version"],
        "msi_secret": ["msi_endpoint"],
    ]

    /// App Service gives its settings twice, the second time under names that begin like this.
    private static let appSettingPrefix = "appsetting_"

    static func variables(of environment: [String: String]) -> [String: String] {
        let names = Set(environment.filter { !$0.value.isBlank }.keys.map(Self.plainName))
        let companions = Self.companions.filter { names.contains($0.key) }.flatMap(\.value)
        let withheld = Self.secrets.union(companions)
        return environment.filter { !withheld.contains(Self.plainName($0.key)) }
    }

    private static func plainName(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasPrefix(Self.appSettingPrefix) ? String(name.dropFirst(Self.appSettingPrefix.count)) : name
    }
}
