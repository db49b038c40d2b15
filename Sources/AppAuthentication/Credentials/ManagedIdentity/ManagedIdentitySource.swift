import Foundation
import OAuthWire

/// Where this machine gets the tokens of its managed identity; the environment decides, nothing is asked.
enum ManagedIdentitySource: Sendable, Hashable {
    /// App Service and Functions, since 2019.
    case appService(endpoint: String, header: Secret)
    /// App Service before 2019, and Azure Machine Learning, which names the identity to take when none is asked for.
    case olderAppService(endpoint: String, secret: Secret, defaultClientID: String?)
    /// Service Fabric, whose endpoint has a certificate that nobody else vouches for.
    case serviceFabric(endpoint: String, header: Secret, thumbprint: String, version: String)
    /// The agent of Azure Arc on a machine outside Azure.
    case azureArc(endpoint: String)
    case cloudShell(endpoint: String)
    /// A pod of Kubernetes that a workload identity was given to.
    case workloadIdentity
    /// The Instance Metadata Service of virtual machines and what runs on them, at this address.
    case metadataService(host: String)

    static let metadataServiceHost = "http://169.254.169.254"
    /// A machine that has this file has the agent of Azure Arc, at the address below.
    static let azureArcAgent = "/opt/azcmagent/bin/himds"
    static let azureArcEndpoint = "http://127.0.0.1:40342/metadata/identity/oauth2/token"
    static let serviceFabricVersion = "2019-07-01-preview"

    /// Chooses in the order of Microsoft's own libraries.
    ///
    /// - Parameters:
    ///   - variable: Reads a variable of the environment; a blank one counts as one that is not set.
    ///   - fileExists: Whether there is a file.
    init(
        _ variable: (String) -> String?,
        fileExists: (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
    ) {
        let endpoint = variable("IDENTITY_ENDPOINT")
        let olderEndpoint = variable("MSI_ENDPOINT")
        let host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST")
        let workload = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"].map(variable)
        if let endpoint, let header = variable("IDENTITY_HEADER").map(Secret.init) {
            if let thumbprint = variable("IDENTITY_SERVER_THUMBPRINT") {
                let version = variable("IDENTITY_API_VERSION") ?? Self.serviceFabricVersion
                self = .serviceFabric(endpoint: endpoint, header: header, thumbprint: thumbprint, version: version)
            } else {
                self = .appService(endpoint: endpoint, header: header)
            }
        } else if let endpoint, variable("IMDS_ENDPOINT") != nil {
            self = .azureArc(endpoint: endpoint)
        } else if let olderEndpoint, let secret = variable("MSI_SECRET").map(Secret.init) {
            let defaultClientID = variable("DEFAULT_IDENTITY_CLIENT_ID")
            self = .olderAppService(endpoint: olderEndpoint, secret: secret, defaultClientID: defaultClientID)
        } else if let olderEndpoint {
            self = .cloudShell(endpoint: olderEndpoint)
        } else if !workload.contains(nil) {
            self = .workloadIdentity
        } else if host == nil, fileExists(Self.azureArcAgent) {
            self = .azureArc(endpoint: Self.azureArcEndpoint)
        } else {
            // As with the address of Microsoft Entra ID, the name of the host is enough.
            let host = host.map { $0.contains("://") ? $0 : "http://\($0)" } ?? Self.metadataServiceHost
            self = .metadataService(host: host.hasSuffix("/") ? String(host.dropLast()) : host)
        }
    }

    /// The name for people.
    var name: String {
        switch self {
        case .appService: "App Service"
        case .olderAppService: "App Service or Azure Machine Learning"
        case .serviceFabric: "Service Fabric"
        case .azureArc: "Azure Arc"
        case .cloudShell: "Azure Cloud Shell"
        case .workloadIdentity: "Azure Kubernetes Service"
        case .metadataService: "the Instance Metadata Service"
        }
    }

    /// What the environment gives to prove that the caller is of this machine.
    var secret: Secret? {
        switch self {
        case .appService(_, let header), .serviceFabric(_, let header, _, _): header
        case .olderAppService(_, let secret, _): secret
        case .azureArc, .cloudShell, .workloadIdentity, .metadataService: nil
        }
    }

    var isAzureArc: Bool {
        if case .azureArc = self { true } else { false }
    }

    /// Whether its "not found" is the truth, and not the beginning of an identity that was just made.
    var isFinalAboutAbsence: Bool {
        if case .serviceFabric = self { true } else { false }
    }
}
