/// A tenant's metadata (OpenID Connect Discovery 1.0 section 3), as far as it is true of this emulator.
///
/// There is no authorization endpoint here, but clients read nothing from a document without one.
struct OpenIDConfiguration: Encodable {
    let issuer: String
    let tokenEndpoint: String
    let authorizationEndpoint: String
    let keys: String
    let authenticationMethods = ["client_secret_post", "client_secret_basic"]
    let grantTypes = ["client_credentials"]
    let responseTypes = ["code"]
    let subjectTypes = ["pairwise"]
    let signingAlgorithms = ["RS256"]

    init(authority: Authority, version: Authority.Version, name: TenantName = .tenant) {
        self.issuer = authority.issuer(version, of: name)
        self.tokenEndpoint = authority.endpoint("token", version, of: name)
        self.authorizationEndpoint = authority.endpoint("authorize", version, of: name)
        self.keys = authority.keys(version, of: name)
    }

    enum CodingKeys: String, CodingKey {
        case issuer
        case tokenEndpoint = "token_endpoint"
        case authorizationEndpoint = "authorization_endpoint"
        case keys = "jwks_uri"
        case authenticationMethods = "token_endpoint_auth_methods_supported"
        case grantTypes = "grant_types_supported"
        case responseTypes = "response_types_supported"
        case subjectTypes = "subject_types_supported"
        case signingAlgorithms = "id_token_signing_alg_values_supported"
    }
}
