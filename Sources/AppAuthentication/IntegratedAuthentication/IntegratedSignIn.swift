import Foundation
import Logging
import OAuthWire
import TokenTransport

/// One sign-in for one resource, step by step.
struct IntegratedSignIn: Sendable {
    struct Result: Sendable {
        let token: AccessToken
        let refreshToken: Secret?
        /// Whose ticket it was, as Kerberos writes the name.
        let ticketPrincipal: String
    }

    let endpoint: AuthorityEndpoint
    let resource: String
    let userName: String?

    private var dependencies: CredentialDependencies { self.endpoint.dependencies }

    /// Ticket, realm of the user, metadata, assertion, token: the first step that fails gives the reason.
    ///
    /// - Throws: ``KerberosError``, ``IntegratedAuthenticationError``, ``TokenFormatError``, `CancellationError`.
    func withTicket(authority: String) async throws -> Result {
        let ticket = try await self.dependencies.tickets.ticket(of: self.userName)
        do {
            let userName = try self.userName(of: ticket)
            let realm = try await UserRealm.discover(
                userName: userName,
                authority: authority,
                dependencies: self.dependencies
            )
            let service = try await FederationService.find(realm, for: ticket, dependencies: self.dependencies)
            self.dependencies.logger.debug(
                "federation service found",
                metadata: ["principal": "\(ticket.principal)", "url": "\(service.endpoint.address)"]
            )
            return try await self.with(try await service.assertion(), of: ticket.principal)
        } catch KerberosError.ticketExpired(nil) {
            throw KerberosError.ticketExpired(principal: ticket.principal)
        } catch KerberosError.noDomainController(nil) {
            throw KerberosError.noDomainController(realm: KerberosPrincipal(ticket.principal)?.realm)
        }
    }

    private func userName(of ticket: KerberosTicket) throws -> String {
        guard let principal = KerberosPrincipal(ticket.principal) else {
            throw KerberosError.other("the name \(ticket.principal) in the ticket has no realm.")
        }
        guard !principal.isMachineOrService else {
            throw IntegratedAuthenticationError.notAUser(principal: ticket.principal)
        }
        guard let userName = self.userName else { return principal.userPrincipalName }
        guard userName.contains("@") else {
            // As Windows writes it, DOMAIN\ann, or the name alone.
            let name = userName.split(separator: "\\").last.map(String.init) ?? userName
            throw IntegratedAuthenticationError.userNameWithoutDomain(
                userName: userName,
                example: "\(name)@\(principal.realm.lowercased())"
            )
        }
        return userName
    }

    private func with(_ assertion: SAMLAssertion, of ticketPrincipal: String) async throws -> Result {
        try await self.post(
            [
                ("grant_type", assertion.grantType), ("assertion", assertion.base64.value), ("scope", "openid"),
            ],
            secrets: [assertion.base64, assertion.text],
            of: ticketPrincipal
        )
    }

    /// A new token for an earlier sign-in.
    func with(_ signIn: IntegratedAuthenticationMemory.SignIn) async throws -> Result {
        let refreshToken = signIn.refreshToken
        return try await self.post(
            [("grant_type", "refresh_token"), ("refresh_token", refreshToken.value), ("scope", "openid")],
            secrets: [refreshToken],
            of: signIn.ticketPrincipal
        )
    }

    private func post(
        _ grant: [(name: String, value: String)],
        secrets: [Secret],
        of ticketPrincipal: String
    ) async throws -> Result {
        let fields = [
            ("resource", self.resource), ("client_id", IntegratedAuthenticationCredential.clientID),
            ("client_info", "1"),
        ]
        do {
            let response = try await self.endpoint.post(fields + grant, headers: Self.headers)
            let claims = response.claims
            let principal = Principal(
                kind: .user,
                tenantID: claims.tenantID,
                userPrincipalName: claims.userName,
                objectID: claims.objectID
            )
            return Result(
                token: try response.accessToken(principal: principal, now: self.dependencies.now()),
                refreshToken: response.refreshToken,
                ticketPrincipal: ticketPrincipal
            )
        } catch let error as TokenEndpointError {
            throw IntegratedAuthenticationError.tokenRefused(
                reason: Self.shown(error.reason, without: secrets),
                code: error.code,
                claims: error.claims.map { Self.shown($0, without: secrets) }
            )
        }
    }

    /// What the endpoint says, without what it was told.
    private static func shown(_ text: String, without secrets: [Secret]) -> String {
        let plain = Redaction.removing(
            secrets.flatMap { [$0.value, URLEncoding.pathSegment($0.value)] },
            from: Redaction.removingTokens(from: text)
        )
        // Not of the assertion as it is: its parts are words and addresses that help, such as the name of its issuer.
        return secrets.filter { !$0.value.contains("<") }
            .reduce(plain) { Redaction.removingParts(of: $1.value, from: $0) }
    }

    /// The identification that lets the support of Microsoft find a request.
    private static var headers: [(name: String, value: String)] {
        [
            ("client-request-id", UUID().uuidString.lowercased()), ("return-client-request-id", "true"),
            ("x-client-SKU", "AppAuthentication.Swift"), ("x-client-OS", "Linux"),
        ]
    }
}
