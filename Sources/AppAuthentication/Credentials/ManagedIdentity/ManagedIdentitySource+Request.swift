import Foundation
import OAuthWire
import TokenTransport

extension ManagedIdentitySource {
    /// What no browser and no careless proxy would add by itself.
    private static let metadata = (name: "Metadata", value: "true")

    /// The question whether anyone listens, for the source that is not known to exist.
    var probeURL: URL? {
        guard case .metadataService(let host) = self else { return nil }
        return URL(string: "\(host)/metadata/instance?api-version=2020-06-01")
    }

    /// The request for a token.
    ///
    /// - Throws: ``ManagedIdentityError`` when the environment names an endpoint that is no URL, or when the source
    ///   has no such identities.
    func tokenRequest(resource: String, id: ManagedIdentityID) throws(ManagedIdentityError) -> TransportRequest {
        let parameter = try self.parameter(for: id)
        switch self {
        case .appService(let endpoint, let header):
            // App Service itself ignores the second header; the endpoint of Azure Automation wants to see it.
            let headers = [try self.header("X-IDENTITY-HEADER", header, "IDENTITY_HEADER"), Self.metadata]
            return try self.get(endpoint, resource, parameter, "2019-08-01", headers)
        case .olderAppService(let endpoint, let secret, _):
            return try self.get(
                endpoint,
                resource,
                parameter,
                "2017-09-01",
                [try self.header("secret", secret, "MSI_SECRET")]
            )
        case .serviceFabric(let endpoint, let header, _, let version):
            return try self.get(
                endpoint,
                resource,
                parameter,
                version,
                [try self.header("Secret", header, "IDENTITY_HEADER")]
            )
        case .azureArc(let endpoint):
            return try self.get(endpoint, resource, parameter, "2020-06-01", [Self.metadata])
        case .metadataService(let host):
            let endpoint = "\(host)/metadata/identity/oauth2/token"
            return try self.get(endpoint, resource, parameter, "2019-11-01", [Self.metadata])
        case .cloudShell(let endpoint):
            let headers = [Self.metadata, ("Content-Type", "application/x-www-form-urlencoded")]
            let body = URLEncoding.form([("resource", resource)])
            return TransportRequest(.post, url: try self.url(endpoint), headers: headers, body: body)
        case .workloadIdentity:
            throw ManagedIdentityError("A workload identity has an endpoint of another kind.")
        }
    }

    /// The query parameter that names the identity, which each source calls as it likes.
    private func parameter(
        for id: ManagedIdentityID
    ) throws(ManagedIdentityError) -> (name: String, value: String)? {
        switch (self, id) {
        case (.olderAppService(_, _, let defaultClientID), .systemAssigned):
            return defaultClientID.map { ("clientid", $0) }
        case (_, .systemAssigned):
            return nil
        case (.olderAppService, .clientID(let id)):
            return ("clientid", id)
        case (.appService, .clientID(let id)), (.azureArc, .clientID(let id)), (.metadataService, .clientID(let id)):
            return ("client_id", id)
        case (.appService, .objectID(let id)), (.azureArc, .objectID(let id)), (.metadataService, .objectID(let id)):
            return ("object_id", id)
        case (.appService, .resourceID(let id)):
            return ("mi_res_id", id)
        case (.azureArc, .resourceID(let id)), (.metadataService, .resourceID(let id)):
            return ("msi_res_id", id)
        case (.olderAppService, .objectID), (.olderAppService, .resourceID):
            throw ManagedIdentityError("\(self.name) knows its identities by client id only; \(id) was asked for.")
        case (.serviceFabric, _):
            throw ManagedIdentityError(
                "In Service Fabric the configuration of the cluster decides which identity an application has, "
                    + "and \(id) was asked for; remove its id and assign it in the application manifest."
            )
        case (.cloudShell, _), (.workloadIdentity, _):
            throw ManagedIdentityError(
                "\(self.name) has no user-assigned identities, and \(id) was asked for; remove its id."
            )
        }
    }

    private func get(
        _ endpoint: String,
        _ resource: String,
        _ parameter: (name: String, value: String)?,
        _ version: String,
        _ headers: [(name: String, value: String)]
    ) throws(ManagedIdentityError) -> TransportRequest {
        let parameters = [("resource", resource), parameter, ("api-version", version)].compactMap { $0 }
        let query = parameters.map { name, value in "\(name)=\(URLEncoding.query(value))" }
        let separator = endpoint.contains("?") ? "&" : "?"
        let url = try self.url(endpoint + separator + query.joined(separator: "&"))
        return TransportRequest(url: url, headers: headers)
    }

    private func url(_ text: String) throws(ManagedIdentityError) -> URL {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host()?.isEmpty == false
        else {
            let seen = text.prefix { $0 != "?" }.prefix(200)
            throw ManagedIdentityError(
                "\(self.endpointVariable) is '\(seen)', which is no URL; it has to be like http://127.0.0.1:8081/token."
            )
        }
        return url
    }

    /// Where the endpoint comes from.
    private var endpointVariable: String {
        switch self {
        case .appService, .serviceFabric, .azureArc: "IDENTITY_ENDPOINT"
        case .olderAppService, .cloudShell: "MSI_ENDPOINT"
        case .metadataService: "AZURE_POD_IDENTITY_AUTHORITY_HOST"
        case .workloadIdentity: "AZURE_AUTHORITY_HOST"
        }
    }

    /// A secret as the value of a header, which no line break may end.
    private func header(_ name: String, _ secret: Secret, _ variable: String) throws(ManagedIdentityError) -> (
        name: String, value: String
    ) {
        guard secret.value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ManagedIdentityError("\(variable) has a line break or another control character in it.")
        }
        return (name, secret.value)
    }
}

/// Why a source of managed identities is of no use, in a sentence without secrets.
struct ManagedIdentityError: Error, Sendable, Hashable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
