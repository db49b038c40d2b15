package import Foundation
package import TestSupport
package import TokenTransport
package import VaultCore

/// A provider that rotates strictly: it knows one refresh token for each token, and ends the grant when it sees another.
package final class FakeRefresher: TokenRefresher {
    package struct State {
        package var issued: [TokenKey: Int] = [:]
        package var isDead: Set<TokenKey> = []
        package var calls = 0
        package var running = 0
        package var mostRunning = 0
        package var runningOf: [String: Int] = [:]
        package var mostRunningOf: [String: Int] = [:]
        package var callsOf: [TokenKey: Int] = [:]
        package var secrets: [Int] = []
        /// Whether the service points elsewhere now.
        package var isRepointed = false
    }

    package let state = Box(State())
    package let terms: RefresherTerms
    /// Called for each request; nil lets the provider answer as it should.
    private let before: @Sendable (_ call: Int, _ secret: Int) async throws -> TransportResponse?
    /// Called when an answer is read.
    private let reading: @Sendable (TokenKey) async -> Void
    private let lifetime: TimeInterval

    package init(
        terms: RefresherTerms = RefresherTerms(rotation: .strict),
        lifetime: TimeInterval = 3600,
        before: @escaping @Sendable (_ call: Int, _ secret: Int) async throws -> TransportResponse? = { _, _ in nil },
        reading: @escaping @Sendable (TokenKey) async -> Void = { _ in }
    ) {
        self.terms = terms
        self.lifetime = lifetime
        self.reading = reading
        self.before = before
    }

    package var calls: Int { self.state.value.calls }

    package func terms(of service: String) -> RefresherTerms { self.terms }

    package func send(
        _ credential: Credential,
        of token: TokenKey,
        secret: Int,
        timeout: Duration
    ) async throws -> TransportResponse {
        let call = self.state.withLock { state in
            state.calls += 1
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            let running = state.runningOf[token.service, default: 0] + 1
            state.runningOf[token.service] = running
            state.mostRunningOf[token.service] = max(state.mostRunningOf[token.service] ?? 0, running)
            state.callsOf[token, default: 0] += 1
            state.secrets.append(secret)
            return state.calls
        }
        defer {
            self.state.withLock { state in
                state.running -= 1
                state.runningOf[token.service, default: 0] -= 1
            }
        }
        if let response = try await self.before(call, secret) { return response }
        return self.state.withLock { state in
            let issued = state.issued[token] ?? 0
            guard credential.refreshToken == "refresh \(issued)", !state.isDead.contains(token) else {
                state.isDead.insert(token)
                return TransportResponse(status: 400, body: Data("invalid_grant".utf8))
            }
            state.issued[token] = issued + 1
            return TransportResponse(status: 200, body: Data("\(issued + 1)".utf8))
        }
    }

    package func read(
        _ response: TransportResponse,
        of token: TokenKey,
        configurationHash: String,
        receivedAt date: Date
    ) async throws -> RefreshReading {
        await self.reading(token)
        if self.state.value.isRepointed { return .serviceChanged }
        let text = String(decoding: response.body, as: UTF8.self)
        switch response.status {
        case 200:
            guard let number = Int(text) else { return .outcome(.unreadable) }
            return .tokens(
                Credential(
                    accessToken: "access \(number)",
                    expiresOn: date + self.lifetime,
                    refreshToken: "refresh \(number)"
                )
            )
        case 401: return .outcome(.clientRefused)
        case 400: return .outcome(.invalidGrant)
        case 502, 504: return .outcome(.gatewayLost)
        default:
            let seconds = response.header("Retry-After").flatMap(Int.init)
            return .outcome(.postponed(retryAfter: seconds.map { .seconds($0) }))
        }
    }
}
