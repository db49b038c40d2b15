package import Foundation
package import Logging
import OAuthWire
package import TokenTransport

/// Logs people in at a provider: sends the browser there, takes it back, and keeps what came of it until `save`.
package struct LoginService: Sendable {
    package typealias Store = LoginStore & PolicyStore & ServiceStore & TokenStore

    private let store: any Store
    private let sealer: CredentialSealer
    private let clients: OAuthClientSource
    private let transport: any HTTPTransport
    /// Whether a login without any allowed address is saved by the person at the browser, on a page of the vault.
    let hasConfirmationPage: Bool
    private let audit: AuditLog
    let logger: Logger
    private let now: @Sendable () -> Date

    /// How long somebody may take at the provider, and an application to redeem its code.
    package static let lifetime = (login: TimeInterval(600), code: TimeInterval(300))

    package init(
        store: any Store,
        sealer: CredentialSealer,
        clients: OAuthClientSource,
        transport: any HTTPTransport,
        hasConfirmationPage: Bool = false,
        audit: AuditLog,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.sealer = sealer
        self.clients = clients
        self.transport = transport
        self.hasConfirmationPage = hasConfirmationPage
        self.audit = audit
        self.logger = logger
        self.now = now
    }

    /// Where a login begins.
    package struct Beginning: Sendable {
        package let page: URL
        /// What binds the browser to this login.
        package let cookie: RandomSecret
    }

    /// Begins a login.
    ///
    /// The return URL, where the browser is to go afterwards, must be allowed; the redirect URI is the vault's own address, to
    /// which the provider sends it back. A cookie that the browser has already stays, so that two logins may go on in it.
    ///
    /// - Throws: ``LoginError``; and what the store throws.
    package func begin(
        service name: String,
        token: String,
        returnURL: String?,
        redirectURI: String,
        cookie: String?
    ) async throws -> Beginning {
        guard let returnURL, !returnURL.isEmpty else { throw LoginError.noReturnURL }
        let stored = try await self.store.token(service: name, name: token)
        let service = try await self.store.service(name)
        let target = ReturnURL(returnURL)
        let way = try await self.way(to: target, service: service, token: stored)
        // Nobody has to prove who they are to come here: what there is must not be told from what may not be gone to.
        guard let stored, let service, let target, way != .closed else {
            self.logRefusal(service: service?.name, token: stored?.name, target: target)
            throw LoginError.refused
        }
        let client = try await self.client(for: service)
        let (state, verifier, nonce) = (RandomSecret(), RandomSecret(), RandomSecret())
        let cookie = cookie.flatMap { RandomSecret($0) } ?? RandomSecret()
        let page: URL
        do throws(ProviderRowError) {
            page = try client.authorizationURL(
                OAuthClient.AuthorizationRequest(
                    redirectURI: redirectURI,
                    state: state.text,
                    codeChallenge: verifier.challenge,
                    nonce: nonce.text
                )
            )
        } catch {
            throw LoginError.serviceUnusable(error.description)
        }
        let login = PendingLogin(
            stateHash: state.hash,
            cookieHash: cookie.hash,
            service: service.name,
            token: stored.name,
            returnURL: target.text,
            redirectURI: redirectURI,
            configurationHash: service.configurationHash,
            secrets: PendingLogin.Secrets(codeVerifier: verifier.text, nonce: nonce.text),
            expiresOn: self.now().addingTimeInterval(Self.lifetime.login)
        )
        guard try await self.store.addLogin(login, limits: LoginLimits(), sealer: self.sealer) else {
            throw LoginError.refused
        }
        return Beginning(page: page, cookie: cookie)
    }

    /// Takes a browser back from the provider.
    ///
    /// Once the code is on its way to the provider, this is finished and kept even if nobody waits for it any more.
    ///
    /// - Returns: The application's address, with a code for `save`, or with `error` and `error_description`; or what to
    ///   ask the person at the browser.
    /// - Throws: ``LoginError`` when it is not known whose login it is; and what the store throws.
    package func finish(query: FormFields, cookie: String?) async throws -> LoginEnd {
        guard
            let state = query["state"].flatMap({ RandomSecret($0) }),
            let login = try await self.store.takeLogin(stateHash: state.hash, now: self.now(), sealer: self.sealer)
        else { throw LoginError.unknownState }
        guard let cookie = cookie.flatMap({ RandomSecret($0) }), cookie.hash == login.cookieHash else {
            throw LoginError.otherBrowser
        }
        guard let target = ReturnURL(login.returnURL) else { throw LoginError.refused }
        let way = try await self.way(
            to: target,
            service: try await self.store.service(login.service),
            token: try await self.store.token(service: login.service, name: login.token)
        )
        guard way != .closed else { throw LoginError.refused }
        let secret = RandomSecret()
        let code =
            way == .open
            ? secret
            : LoginConfirmation.code(
                secret: secret,
                cookie: cookie,
                service: login.service,
                token: login.token,
                returnURL: login.returnURL
            )
        // A task of its own: the one of the request ends when the browser hangs up.
        let result = await Task {
            await Result(catching: { try await self.complete(login, query: query, code: code) })
        }.value
        do {
            let account = try result.get()
            guard way == .confirmed else { return .application(target.adding([("code", code.text)])) }
            return .confirmation(
                LoginConfirmation(
                    service: login.service,
                    token: login.token,
                    returnURL: login.returnURL,
                    account: account,
                    secret: secret
                )
            )
        } catch let failure as LoginFailure {
            self.logger.notice(
                "A login failed",
                metadata: [
                    "service": "\(login.service)", "token": "\(login.token)", "error": "\(failure.code)",
                    "reason": "\(failure.text)",
                ]
            )
            // It is no secret that has to be accounted for, and the person at the browser has to be told.
            try? await self.audit.append(AuditEntry(refused: login, code: failure.code))
            // Nobody vouched for that address.
            guard way == .open else { throw LoginError.failed("\(failure.code): \(failure.text)") }
            return .application(target.adding([("error", failure.code), ("error_description", failure.text)]))
        }
    }

    /// Whether and how a browser gets back to an application.
    private enum Way {
        case open
        /// Nobody has said which addresses are good, and the person at the browser is asked.
        case confirmed
        case closed
    }

    private func way(to target: ReturnURL?, service: StoredService?, token: StoredToken?) async throws -> Way {
        let allowed =
            try await self.store.returnURLs() + (service?.configuration.returnURLs ?? []) + (token?.returnURLs ?? [])
        guard let target else { return .closed }
        if target.isAllowed(by: allowed) { return .open }
        return self.hasConfirmationPage && allowed.isEmpty ? .confirmed : .closed
    }

    /// - Returns: Whose account it is.
    private func complete(_ login: PendingLogin, query: FormFields, code vaultCode: RandomSecret) async throws
        -> Account?
    {
        guard let service = try await self.store.service(login.service),
            service.configurationHash == login.configurationHash
        else {
            throw LoginFailure(code: "service_changed", text: "The service was changed during the login: log in again.")
        }
        let client: OAuthClient
        do {
            client = try await self.client(for: service)
        } catch let error as LoginError {
            throw LoginFailure(code: "server_error", text: error.description)
        }
        let code = try Self.code(in: query, client: client)
        var kept: [String: String] = [:]
        for name in client.provider.keptFromRedirect { kept[name] = query[name].map { String($0.prefix(512)) } }
        let exchange = CodeExchange(client: client, transport: self.transport, now: self.now)
        let outcome = try await exchange.run(
            code: code,
            verifier: Secret(login.secrets.codeVerifier ?? ""),
            redirectURI: login.redirectURI,
            nonce: login.secrets.nonce ?? "",
            kept: kept
        )
        let pending = PendingCredential(
            codeHash: vaultCode.hash,
            service: login.service,
            token: login.token,
            credential: Credential(
                outcome.tokens,
                renewal: client.provider.renewal,
                configurationHash: login.configurationHash
            ),
            account: Account(outcome.account),
            expiresOn: self.now().addingTimeInterval(Self.lifetime.code)
        )
        guard try await self.store.addPendingCredential(pending, sealer: self.sealer) else {
            throw LoginFailure(code: "token_deleted", text: "The token was deleted during the login.")
        }
        return pending.account
    }

    /// The provider's code, if it is the provider that this login was begun at.
    private static func code(in query: FormFields, client: OAuthClient) throws(LoginFailure) -> Secret {
        // Before anything else is believed (RFC 9207 section 2.4).
        let issuer = query["iss"]
        if let expected = client.expectedIssuer, let issuer, issuer != expected {
            throw LoginFailure(
                code: "issuer_mismatch",
                text: "The answer came from another provider than the login went to."
            )
        }
        guard issuer != nil || !client.provider.requiresIssuer else {
            throw LoginFailure(code: "issuer_mismatch", text: "The answer does not say which provider it came from.")
        }
        if let error = query["error"], !error.isEmpty {
            throw LoginFailure(
                code: error,
                text: ProviderText.line(query["error_description"] ?? query["error_reason"] ?? "")
            )
        }
        guard let code = query[client.provider.codeParameter], !code.isEmpty, code.utf8.count <= 8_192 else {
            throw LoginFailure(code: "invalid_response", text: "The provider sent the browser back without a code.")
        }
        return Secret(code)
    }

    private func client(for service: StoredService) async throws -> OAuthClient {
        do {
            return try await self.clients.client(for: service)
        } catch let error as ProviderRowError {
            throw LoginError.serviceUnusable(error.description)
        } catch is TransportError {
            throw LoginError.serviceUnusable("the provider's metadata could not be had.")
        }
    }

    /// Makes what a login gave the token's.
    package func save(
        code: String,
        service: String,
        token: String,
        allowAccountChange: Bool,
        by principal: Principal
    ) async throws -> CodeRedemption {
        guard let code = RandomSecret(code) else { return .unknownCode }
        return try await self.store.redeemCode(
            hash: code.hash,
            service: service,
            token: token,
            allowAccountChange: allowAccountChange,
            by: principal,
            now: self.now(),
            sealer: self.sealer
        )
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
