import Foundation
import OAuthWire
import TokenTransport

/// What Microsoft Entra ID knows of the domain of a user, which decides where the user signs in.
struct UserRealm: Sendable, Hashable {
    /// The metadata of the federation service that signs the user in.
    let metadataURL: URL
    /// Who the assertion of that service has to be for.
    let audience: String

    /// Asks for the realm of a user.
    ///
    /// - Throws: ``IntegratedAuthenticationError`` when the user signs in somewhere else, `CancellationError`.
    static func discover(userName: String, authority: String, dependencies: CredentialDependencies) async throws -> Self
    {
        guard let url = Self.url(userName: userName, authority: authority) else {
            throw IntegratedAuthenticationError.realmDiscoveryFailed(reason: "\(authority) is not a valid URL.")
        }
        let request = TransportRequest(url: url, headers: [("Accept", "application/json")])
        let response: TransportResponse
        switch try await dependencies.sendTwice(request) {
        case .success(let answer): response = answer
        case .failure(let error):
            throw IntegratedAuthenticationError.realmDiscoveryFailed(reason: error.description)
        }
        if response.status == 404 { throw IntegratedAuthenticationError.unknownUserType(userName: userName) }
        guard response.status == 200 else {
            throw IntegratedAuthenticationError.realmDiscoveryFailed(
                reason: "The answer had the status \(response.status)."
            )
        }
        return try Self(response.body, userName: userName)
    }

    /// The address of the question: always under `common`, whatever the tenant.
    static func url(userName: String, authority: String) -> URL? {
        guard var components = URLComponents(string: authority), components.host?.isEmpty == false else { return nil }
        components.percentEncodedPath = "/common/userrealm/\(URLEncoding.pathSegment(userName))"
        components.percentEncodedQuery = "api-version=1.0"
        components.fragment = nil
        return components.url
    }

    /// Reads the answer.
    init(_ body: Data, userName: String) throws(IntegratedAuthenticationError) {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else {
            throw .realmDiscoveryFailed(reason: "The answer is not the JSON object that was expected.")
        }
        if answer.domainName?.lowercased() == "live.com" { throw .personalAccount(userName: userName) }
        switch answer.accountType?.lowercased() {
        case "federated": break
        case "managed": throw .managedUser(userName: userName)
        default: throw .unknownUserType(userName: userName)
        }
        if let name = answer.federationProtocol, !name.isBlank, name.lowercased() != "wstrust" {
            throw .federationProtocol(String(name.prefix(100)), userName: userName)
        }
        guard let address = answer.metadataURL?.trimmed, !address.isEmpty else { throw .metadataAddressMissing }
        // Where the ticket goes is written there, so it must not be changed on the way.
        guard let url = URL(string: address), BearerPolicy.allows(url) else {
            throw .metadataUnreachable(reason: "The address \(address) of the metadata is not https.")
        }
        self.metadataURL = url
        let audience = answer.audience?.trimmed ?? ""
        self.audience = audience.isEmpty ? "urn:federation:MicrosoftOnline" : audience
    }

    private struct Answer: Decodable {
        let accountType: String?
        let federationProtocol: String?
        let metadataURL: String?
        let audience: String?
        let domainName: String?

        enum CodingKeys: String, CodingKey {
            case accountType = "account_type"
            case federationProtocol = "federation_protocol"
            case metadataURL = "federation_metadata_url"
            case audience = "cloud_audience_urn"
            case domainName = "domain_name"
        }
    }
}
