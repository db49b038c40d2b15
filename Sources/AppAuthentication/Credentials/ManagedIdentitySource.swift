import Foundation
import Transport

/// Where this machine gets the tokens of its managed identity; the environment decides, nothing is asked.
enum ManagedIdentitySource: Sendable, Hashable {
    /// App Service and Functions, since 2019.
    case appService(endpoint: String, header: Secret)
    /// App Service before 2019.
    case olderAppService(endpoint: String, secret: Secret)
    /// The Instance Metadata Service of virtual machines and what runs on them, at this address.
    case metadataService(host: String)
    /// A place that has managed identities of a kind that is not built here.
    case unsupported(place: String)

    static let metadataServiceHost = "http://169.254.169.254"

    /// Chooses in the order of Microsoft's own libraries.
    ///
    /// A blank variable counts as one that is not set.
    init(_ variable: (String) -> String?) {
        let endpoint = variable("IDENTITY_ENDPOINT")
        let olderEndpoint = variable("MSI_ENDPOINT")
        if let endpoint, let header = variable("IDENTITY_HEADER") {
            if variable("IDENTITY_SERVER_THUMBPRINT") != nil {
                // Its certificate is its own: without a check of the thumbprint the header must not be sent.
                self = .unsupported(place: "Service Fabric")
            } else {
                self = .appService(endpoint: endpoint, header: Secret(header))
            }
        } else if endpoint != nil, variable("IMDS_ENDPOINT") != nil {
            self = .unsupported(place: "Azure Arc")
        } else if let olderEndpoint, let secret = variable("MSI_SECRET") {
            self = .olderAppService(endpoint: olderEndpoint, secret: Secret(secret))
        } else if olderEndpoint != nil {
            self = .unsupported(place: "Azure Cloud Shell")
        } else {
            let host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? Self.metadataServiceHost
            self = .metadataService(host: host.hasSuffix("/") ? String(host.dropLast()) : host)
        }
    }

    /// The question whether anyone listens, for the source that is not known to exist.
    var probeURL: URL? {
        guard case .metadataService(let host) = self else { return nil }
        return URL(string: "\(host)/metadata/instance?api-version=2020-06-01")
    }

    /// The request for a token; nil when the environment names an endpoint that is no URL.
    func tokenRequest(resource: String, clientID: String?) -> TransportRequest? {
        switch self {
        case .appService(let endpoint, let header):
            self.request(
                to: endpoint,
                [("resource", resource), ("client_id", clientID), ("api-version", "2019-08-01")],
                header: ("X-IDENTITY-HEADER", header.value)
            )
        case .olderAppService(let endpoint, let secret):
            self.request(
                to: endpoint,
                [("resource", resource), ("clientid", clientID), ("api-version", "2017-09-01")],
                header: ("secret", secret.value)
            )
        case .metadataService(let host):
            self.request(
                to: "\(host)/metadata/identity/oauth2/token",
                [("resource", resource), ("client_id", clientID), ("api-version", "2019-11-01")],
                header: ("Metadata", "true")
            )
        case .unsupported:
            nil
        }
    }

    private func request(
        to endpoint: String,
        _ parameters: [(name: String, value: String?)],
        header: (name: String, value: String)
    ) -> TransportRequest? {
        let query = parameters.compactMap { parameter in
            parameter.value.map { "\(parameter.name)=\(URLEncoding.query($0))" }
        }
        let separator = endpoint.contains("?") ? "&" : "?"
        guard let url = URL(string: endpoint + separator + query.joined(separator: "&")), url.host() != nil else {
            return nil
        }
        return TransportRequest(url: url, headers: [header])
    }
}
