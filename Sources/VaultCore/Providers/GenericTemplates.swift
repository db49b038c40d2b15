import Foundation
import OAuthWire
import TokenTransport

/// The addresses and bodies of a service that writes them all itself, with the original service's `oauth2generic`.
///
/// Each value is percent-encoded where it is put in. `{CodeChallenge}` and `{CodeVerifier}` are an extension: a service
/// whose templates have none does without PKCE.
struct GenericTemplates: Sendable, Hashable {
    private let authorizationURL: PlaceholderText
    private let authorizationQuery: PlaceholderText
    private let tokenURL: PlaceholderText
    private let tokenBody: PlaceholderText
    private let refreshURL: PlaceholderText
    private let refreshBody: PlaceholderText

    private static let known: Set<String> = [
        "clientid", "clientsecret", "redirecturl", "redirecturi", "state", "scopes", "scope", "code", "refreshtoken",
        "codechallenge", "codeverifier", "nonce",
    ]
    private static let defaultRefreshBody =
        "grant_type=refresh_token&refresh_token={RefreshToken}&client_id={ClientId}&client_secret={ClientSecret}"

    /// Takes the templates out of a service's parameters, by their names in lower case.
    init(_ parameters: inout [String: String]) throws(ProviderRowError) {
        self.authorizationURL = try Self.template(&parameters, "AuthorizationUrlTemplate", needs: [])
        self.authorizationQuery = try Self.template(
            &parameters,
            "AuthorizationUrlQueryStringTemplate",
            needs: ["state"]
        )
        let tokenURL = parameters["tokenurltemplate"]
        self.tokenURL = try Self.template(&parameters, "TokenUrlTemplate", needs: [])
        self.tokenBody = try Self.template(&parameters, "TokenBodyTemplate", needs: ["code"])
        self.refreshURL = try Self.template(&parameters, "RefreshUrlTemplate", needs: [], default: tokenURL)
        self.refreshBody = try Self.template(
            &parameters,
            "RefreshBodyTemplate",
            needs: ["refreshtoken"],
            default: Self.defaultRefreshBody
        )
    }

    /// Refuses addresses that no secret may go to, as far as they can be told before values are put in.
    func checkAddresses(_ rule: EndpointRule) throws(ProviderRowError) {
        let addresses = [
            ("AuthorizationUrlTemplate", self.authorizationURL), ("TokenUrlTemplate", self.tokenURL),
            ("RefreshUrlTemplate", self.refreshURL),
        ]
        for (place, template) in addresses where template.names.isEmpty {
            _ = try rule.url(try Self.fill(template, [:], place: place), place: place)
        }
    }

    private static func template(
        _ parameters: inout [String: String],
        _ name: String,
        needs: Set<String>,
        default standard: String? = nil
    ) throws(ProviderRowError) -> PlaceholderText {
        let given = parameters.removeValue(forKey: name.lowercased()).flatMap { $0.isEmpty ? nil : $0 }
        guard let text = given ?? standard else {
            throw ProviderRowError(name, "is missing: oauth2generic needs it.")
        }
        let template = PlaceholderText(text)
        if let other = template.names.subtracting(Self.known).min() {
            throw ProviderRowError(name, "has the placeholder {\(other)}, which there is not.")
        }
        if let missing = needs.subtracting(template.names).min() {
            throw ProviderRowError(name, "has no {\(missing)} in it, and nothing would work without.")
        }
        return template
    }

    func authorizationURL(_ values: [String: String], rule: EndpointRule) throws(ProviderRowError) -> URL {
        let place = "AuthorizationUrlTemplate"
        let query = try Self.fill(self.authorizationQuery, values, place: "AuthorizationUrlQueryStringTemplate")
        let base = try Self.fill(self.authorizationURL, values, place: place)
        let trimmed = query.drop { $0 == "?" || $0 == "&" }
        return try rule.url(base + (base.contains("?") ? "&" : "?") + trimmed, place: place)
    }

    func request(
        for grant: OAuthClient.Grant,
        _ values: [String: String],
        rule: EndpointRule
    ) throws(ProviderRowError) -> TransportRequest {
        let url: String
        let body: String
        let place: String
        switch grant {
        case .code:
            place = "TokenUrlTemplate"
            url = try Self.fill(self.tokenURL, values, place: place)
            body = try Self.fill(self.tokenBody, values, place: "TokenBodyTemplate")
        case .refreshToken, .accessToken, .upgrade:
            place = "RefreshUrlTemplate"
            url = try Self.fill(self.refreshURL, values, place: place)
            body = try Self.fill(self.refreshBody, values, place: "RefreshBodyTemplate")
        }
        return TransportRequest(
            .post,
            url: try rule.url(url, place: place),
            headers: [
                ("Accept", "application/json"), ("User-Agent", "token-vault"),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
            body: Data(body.utf8)
        )
    }

    private static func fill(
        _ template: PlaceholderText,
        _ values: [String: String],
        place: String
    ) throws(ProviderRowError) -> String {
        guard let text = template.filled(values, encode: URLEncoding.pathSegment) else {
            throw ProviderRowError(place, "needs a value that is not known.")
        }
        return text
    }
}
