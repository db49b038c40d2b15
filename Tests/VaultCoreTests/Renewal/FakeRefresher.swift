import Foundation
import TestSupport
import TokenTransport
import VaultCore

/// A provider that rotates strictly: it knows one refresh token for each token, and ends the grant when it sees another.
final class FakeRefresher: TokenRefresher {
    struct State {
        var issued: [TokenKey: Int] = [:]
        var isDead: Set<TokenKey> = []
        var calls = 0
        var running = 0
        var mostRunning = 0
        var secrets: [Int] = []
    }

    let state = Box(State())
    let terms: RefresherTerms
    /// Called for each request; nil lets the provider answer as it should.
    private let before: @Sendable (_ call: Int, _ secret: Int) async throws -> TransportResponse?
    /// Called when an answer is read.
    private let reading: @Sendable (TokenKey) async -> Void
    private let lifetime: TimeInterval

    init(
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

    var calls: Int { self.state.value.calls }

    func terms(of service: String) -> RefresherTerms { self.terms }

    func send(
        _ credential: Credential,
        of token: TokenKey,
        secret: Int,
        timeout: Duration
    ) async throws -> TransportResponse {
        let call = self.state.withLock { state in
            state.calls += 1
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            state.secrets.append(secret)
            return state.calls
        }
        defer { self.state.withLock { $0.running -= 1 } }
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

    func read(
        _ response: TransportResponse,
        of token: TokenKey,
        receivedAt date: Date
    ) async throws -> RefreshReading {
        await self.reading(token)
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
