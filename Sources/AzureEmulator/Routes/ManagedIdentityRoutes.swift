import FastCGI
import Foundation
import HTTPTypes
import Hummingbird

/// The managed identity endpoint of App Service, in the form of 2019 and in the one of 2017.
struct ManagedIdentityRoutes: Sendable {
    /// The path that clients find in `IDENTITY_ENDPOINT` and `MSI_ENDPOINT`.
    static let path = "/msi/token"

    let directory: Directory
    let issuer: TokenIssuer
    /// What clients find in `IDENTITY_HEADER` and `MSI_SECRET`.
    let secret: Secret
    let lifetime: Int

    func add(to router: Router<GatewayRequestContext>) {
        router.get(RouterPath(Self.path)) { request, _ in
            try await self.token(for: request)
        }
    }

    private enum Form: String {
        case of2019 = "2019-08-01"
        case of2017 = "2017-09-01"

        var header: String {
            switch self {
            case .of2019: "X-IDENTITY-HEADER"
            case .of2017: "secret"
            }
        }
    }

    private struct Body: Encodable {
        let accessToken: Secret
        let clientID: String?
        let expiresOn: String
        let resource: String
        let tokenType = "Bearer"

        enum CodingKeys: String, CodingKey {
            case accessToken = "access_token"
            case clientID = "client_id"
            case expiresOn = "expires_on"
            case resource
            case tokenType = "token_type"
        }
    }

    private func token(for request: Request) async throws -> Response {
        let query: RequestParameters
        do {
            query = try RequestParameters(request.uri.query ?? "")
        } catch {
            throw AppServiceError(.badRequest, error.message)
        }
        guard let version = query["api-version"] else {
            throw AppServiceError(.badRequest, "The parameter 'api-version' is missing.")
        }
        guard let form = Form(rawValue: version) else {
            throw AppServiceError(
                .badRequest,
                "The api-version '\(version.printable)' is not supported; use 2019-08-01 or 2017-09-01."
            )
        }
        try self.authenticate(request, form)
        guard let text = query["resource"] else {
            throw AppServiceError(.badRequest, "The parameter 'resource' is missing.")
        }
        guard let resource = Resource(text) else {
            throw AppServiceError(.badRequest, EntraError.resourceNotFound(text).reason)
        }
        let identity = try self.identity(query, form)
        let issued = try await self.issuer.token(
            for: identity,
            resource: resource,
            version: .v1,
            lifetime: self.lifetime
        )
        let expiry = Date(timeIntervalSince1970: Double(issued.expiresOn)).appServiceText
        return try .json(
            Body(
                accessToken: issued.token,
                clientID: form == .of2019 ? identity.clientID : nil,
                expiresOn: form == .of2019 ? String(issued.expiresOn) : expiry,
                resource: resource.identifier
            )
        )
    }

    private func authenticate(_ request: Request, _ form: Form) throws {
        guard let sent = request.headers[named: form.header] else {
            throw AppServiceError(.unauthorized, "The header \(form.header) is missing.")
        }
        guard self.secret.matches(sent) else {
            throw AppServiceError(.unauthorized, "The header \(form.header) does not hold this endpoint's secret.")
        }
    }

    private func identity(_ query: RequestParameters, _ form: Form) throws -> Identity {
        let selectors: [IdentitySelector] =
            switch form {
            case .of2019:
                [
                    query["client_id"].map(IdentitySelector.clientID),
                    (query["object_id"] ?? query["principal_id"]).map(IdentitySelector.objectID),
                    query["mi_res_id"].map(IdentitySelector.resourceID),
                ].compactMap { $0 }
            case .of2017:
                query["clientid"].map { [.clientID($0)] } ?? []
            }
        guard selectors.count < 2 else {
            throw AppServiceError(.badRequest, "More than one parameter says which identity is meant; send one.")
        }
        let selector = selectors.first ?? .systemAssigned
        guard let identity = self.directory.managedIdentity(selector) else {
            throw AppServiceError(.badRequest, "There is no managed identity for \(selector).")
        }
        return identity
    }
}
