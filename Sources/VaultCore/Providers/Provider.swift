/// How one identity provider does OAuth: a row of a provider file.
///
/// A provider is data, never a type: the engine implements the columns, and the rows choose. docs/providers.md describes
/// each column. Parameters and addresses may hold placeholders, as in `{tenant}`.
package struct Provider: Sendable, Hashable {
    package let name: String
    package var displayName: String
    /// Where OpenID Connect metadata says the endpoints.
    package var discoveryURL: String?
    package var authorizeURL: String?
    package var tokenURL: String?
    package var refreshURL: String?
    package var deviceURL: String?
    /// Whether addresses and bodies are templates among the service's parameters, as with `oauth2generic`.
    package var usesTemplates = false
    package var placeholders: [String: Placeholder] = [:]

    package var authorizeParameters: [String: String?] = [:]
    package var tokenParameters: [String: String?] = [:]
    package var refreshParameters: [String: String?] = [:]
    package var headers: [String: String] = [:]
    package var clientAuthentication = ClientAuthentication.post
    package var body = RequestBody.form
    package var tokenMethod = RequestMethod.post
    package var refreshMethod: RequestMethod?
    package var scope = ScopeRules()
    package var usesPKCE = true
    /// Who the provider says to be in `iss` and in ID tokens.
    package var issuer: String?
    /// Whether an answer to the browser without `iss` is refused (RFC 9207 section 2.4).
    package var requiresIssuer = false

    package var answer = AnswerRules()
    package var lifetime = LifetimeRules()
    package var rotation = RotationRules()
    package var renewal = Renewal.refreshToken
    /// The call that makes a short-lived access token of a login a long-lived one.
    package var upgrade: Upgrade?
    /// The parameter of the redirect that holds the code.
    package var codeParameter = "code"
    package var keptFromRedirect: [String] = []
    package var keptFromAnswer: [String] = []
    package var identity = IdentityRules()
    package var revocation: Revocation?
    /// Whether its addresses may be in a private network, and plain http on this machine.
    ///
    /// Only a file that nobody but root can write may say so.
    package var allowsPrivateNetwork = false

    package init(name: String, displayName: String? = nil) {
        self.name = name
        self.displayName = displayName ?? name
    }
}

extension Provider {
    /// What a service's parameter may be that stands in an address.
    package struct Placeholder: Sendable, Hashable {
        /// A regular expression that the whole value has to match.
        package var pattern: String
        package var defaultValue: String?
        /// The only values, where the row knows them all.
        package var values: [String] = []
        /// The parameter of the redirect that brings a value; one that is not among ``values`` is refused.
        package var redirectParameter: String?
    }

    package enum ClientAuthentication: String, Sendable, CaseIterable {
        /// `client_id` and `client_secret` in the body.
        case post
        /// RFC 6749 section 2.3.1.
        case basic
        /// The secret as a bearer token.
        case bearer
        /// An assertion that is signed with the secret, a private key in PEM (RFC 7523 section 2.2).
        case jwt
        /// A SHA-256 of secret and code, or secret and refresh token, with a bar between them.
        case hash
        /// `client_id` alone.
        case none
    }

    package enum RequestBody: String, Sendable, CaseIterable {
        case form, json, query
    }

    package enum RequestMethod: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    package enum Renewal: String, Sendable, CaseIterable {
        case refreshToken
        /// The access token itself is exchanged while it lives.
        case accessToken
        /// There is nothing to renew with: another login is needed when the token has expired.
        case none
    }

    package struct ScopeRules: Sendable, Hashable {
        package var parameter = "scope"
        package var separator = " "
        /// What a service asks for that does not say.
        package var defaults: [String] = []
        /// What is asked for in any case, since there is no renewal without it.
        package var required: [String] = []
        package var isRepeatedOnRefresh = false
    }

    package struct AnswerRules: Sendable, Hashable {
        /// Where in the answer the token's fields stand: the first place with a token counts, and the whole answer is ".".
        package var paths = ["."]
        /// Name of a field in the answer by the name that RFC 6749 gives it.
        package var rename: [String: String] = [:]
        /// The statuses that bring a token.
        package var statuses = [200]
        /// Where an error's code and description stand.
        package var error = "error"
        package var errorDescription = "error_description"
        /// A field that is false in an error whatever else the answer says.
        package var okField: String?
        /// The provider's own codes for those of RFC 6749 section 5.2.
        package var errorCodes: [String: String] = [:]
    }

    package struct LifetimeRules: Sendable, Hashable {
        package enum Unit: String, Sendable, CaseIterable {
            case seconds, milliseconds
        }

        package enum Base: String, Sendable, CaseIterable {
            case received
            case createdAt = "created_at"
        }

        package var unit = Unit.seconds
        package var base = Base.received
        /// Seconds that a token lives whose answer does not say.
        package var defaultSeconds: Int?
        /// How many seconds before the expiry a renewal may be asked for at the earliest.
        package var marginCap: Int?
    }

    package struct RotationRules: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable {
            case none, maybe, always
        }

        package enum Reuse: String, Sendable, CaseIterable {
            case ok, deny, revokeFamily, previousUntilUsed
        }

        /// Nil where nobody knows, which counts as the worst.
        package var kind: Kind?
        package var reuse: Reuse?
        /// Seconds that a refresh token is still accepted after its successor was issued.
        package var grace: Int?
        /// Seconds without use after which a refresh token dies.
        package var idle: Int?
        /// Seconds after which a grant ends whatever one does.
        package var hardLimit: Int?
        package var maxGrants: Int?
    }

    package struct Upgrade: Sendable, Hashable {
        package var url: String
        package var method = RequestMethod.post
        package var parameters: [String: String?] = [:]
    }

    package struct IdentityRules: Sendable, Hashable {
        /// Where the answer of the token endpoint says whose account it is.
        package var answer: [String: String] = [:]
        package var idToken = false
        package var userInfo: UserInfo?

        package struct UserInfo: Sendable, Hashable {
            package var url: String
            package var method = RequestMethod.get
            /// Paths of `subject`, `email` and `login`.
            package var fields: [String: String] = [:]
        }
    }

    package struct Revocation: Sendable, Hashable {
        package enum Token: String, Sendable, CaseIterable {
            case refreshToken, accessToken
        }

        package var url: String
        package var method = RequestMethod.post
        package var authentication = ClientAuthentication.post
        package var body = RequestBody.form
        package var token = Token.refreshToken
        package var parameters: [String: String?] = [:]
        /// False where it ends a token and not the grant.
        package var endsGrant = true
        package var statuses = [200]
    }
}
