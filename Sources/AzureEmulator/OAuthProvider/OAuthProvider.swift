import Foundation
import Locking

/// An OAuth provider of one client and some people, whose state lasts as long as the process.
final class OAuthProvider: Sendable {
    private struct Pending {
        let request: AuthorizationRequest
        let expiresAt: Date
    }

    private struct State {
        var grants: OAuthGrants
        /// Requests that somebody looks at the page of, by what the page has in its form.
        var pending: [String: Pending] = [:]
        var faults: [OAuthFault] = []
    }

    /// How long somebody may look at the page.
    private static let pageLifetime: TimeInterval = 600
    private static let maxPending = 1000

    let settings: OAuthSettings
    let issuer: String
    private let clientSecret: Secret
    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    init(settings: OAuthSettings, baseURL: String, clientSecret: Secret, now: @escaping @Sendable () -> Date) {
        self.settings = settings
        self.issuer = baseURL + "/oauth"
        self.clientSecret = clientSecret
        self.now = now
        self.state = Mutex(State(grants: OAuthGrants(rotation: settings.rotation, lifetime: settings.lifetime)))
    }

    func isClient(id: String, secret: String) -> Bool {
        // Both are always compared.
        let isSecret = self.clientSecret.matches(secret)
        return id == OAuthSettings.clientID && isSecret
    }

    /// Keeps a request for as long as its page is looked at, and returns what names it in the form of the page.
    func begin(_ request: AuthorizationRequest) -> String {
        let name = Secret.random().value
        let now = self.now()
        self.state.withLock { state in
            state.pending = state.pending.filter { now < $0.value.expiresAt }
            if state.pending.count >= Self.maxPending {
                state.pending.removeAll()
            }
            state.pending[name] = Pending(request: request, expiresAt: now + Self.pageLifetime)
        }
        return name
    }

    /// Takes the request of a page, which is answered once; nil when it is not known or too old.
    func take(_ name: String) -> AuthorizationRequest? {
        let now = self.now()
        return self.state.withLock { state in
            state.pending.removeValue(forKey: name).flatMap { now < $0.expiresAt ? $0.request : nil }
        }
    }

    /// The code for a person who consented.
    func consent(to request: AuthorizationRequest, by person: Person) -> String {
        let code = Secret.random().value
        let now = self.now()
        self.state.withLock { $0.grants.consent(to: request, by: person, code: code, now: now) }
        return code
    }

    func redeem(code: String, verifier: String, redirectURI: String?) throws -> OAuthGrants.Tokens {
        let now = self.now()
        return try self.change {
            try $0.redeem(
                code: code,
                verifier: verifier,
                redirectURI: redirectURI,
                clientID: OAuthSettings.clientID,
                now: now,
                newToken: { Secret.random().value }
            )
        }
    }

    func refresh(_ refreshToken: String) throws -> OAuthGrants.Tokens {
        let now = self.now()
        return try self.change {
            try $0.refresh(
                refreshToken,
                clientID: OAuthSettings.clientID,
                now: now,
                newToken: { Secret.random().value }
            )
        }
    }

    func revoke(_ token: String) {
        self.state.withLock { $0.grants.revoke(token, clientID: OAuthSettings.clientID) }
    }

    func person(accessToken: String) -> Person? {
        let now = self.now()
        return self.state.withLock { $0.grants.person(accessToken: accessToken, now: now) }
    }

    var counts: OAuthGrants.Counts { self.state.withLock { $0.grants.counts } }

    /// Has these go wrong at the next calls of the token endpoint, one at each.
    func plan(_ faults: [OAuthFault]) {
        self.state.withLock { $0.faults += faults.prefix(1000) }
    }

    func nextFault() -> OAuthFault? {
        self.state.withLock { $0.faults.isEmpty ? nil : $0.faults.removeFirst() }
    }

    /// What was refused has changed the grants too, when a family was revoked for it.
    private func change(
        _ body: (inout OAuthGrants) throws -> OAuthGrants.Tokens
    ) throws -> OAuthGrants.Tokens {
        let result = self.state.withLock { state in
            Result { try body(&state.grants) }
        }
        return try result.get()
    }
}
