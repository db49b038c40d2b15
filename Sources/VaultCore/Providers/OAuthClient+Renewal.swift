package import Foundation
package import OAuthWire
package import TokenTransport

extension Provider.RotationRules {
    /// What an old refresh token does at this provider; strict where nobody knows.
    package var refreshTokenRotation: RefreshTokenRotation {
        // It stays valid whether or not there is a new one.
        if self.kind == Kind.none || self.reuse == .ok { return .none }
        if self.reuse == .previousUntilUsed { return .previousUntilUsed }
        if let grace { return .grace(.seconds(grace)) }
        return .strict
    }
}

extension Provider {
    /// As the row's rules say; an access token that is exchanged for the next one stays good until it expires.
    package var refreshTokenRotation: RefreshTokenRotation {
        self.renewal == .accessToken && self.rotation.kind == nil ? .none : self.rotation.refreshTokenRotation
    }
}

extension OAuthClient {
    /// What became of a request for new tokens: they, or why there are none.
    package enum RenewalResult: Sendable {
        case tokens(IssuedTokens)
        case failed(RefreshOutcome)
    }

    /// Reads the answer to a renewal; the secrets are those that were sent with it.
    package func renewalResult(
        _ response: TransportResponse,
        without secrets: [Secret] = [],
        receivedAt now: Date
    ) -> RenewalResult {
        let status = response.status
        switch self.answer(response, without: secrets, receivedAt: now) {
        case .tokens(let tokens): return .tokens(tokens)
        case .unreadable where (200...299).contains(status): return .failed(.unreadable)
        case .unreadable where [502, 504].contains(status): return .failed(.gatewayLost)
        case .unreadable: return .failed(self.outcome(ofStatus: status, response, now))
        case .refused(let refusal):
            switch refusal.code {
            case "invalid_grant": return .failed(.invalidGrant)
            case "invalid_client", "unauthorized_client": return .failed(.clientRefused)
            case "temporarily_unavailable", "server_error", "slow_down":
                return .failed(.postponed(retryAfter: Self.retryAfter(response, now)))
            default: return .failed(self.outcome(ofStatus: status, response, now))
            }
        }
    }

    /// What a call without any answer means.
    ///
    /// Only what was certainly not sent counts as that; a connection may break after the request has arrived.
    package static func outcome(of error: TransportError) -> RefreshOutcome {
        switch error.reason {
        case .insecureBearer, .refusedAddress: .notSent
        default: error.isUnsent ? .notSent : .noAnswer
        }
    }

    private func outcome(ofStatus status: Int, _ response: TransportResponse, _ now: Date) -> RefreshOutcome {
        switch status {
        case 401: .clientRefused
        case 403, 408, 425, 429, 500, 501, 503, 505...599: .postponed(retryAfter: Self.retryAfter(response, now))
        case 502, 504: .gatewayLost
        default: .rejected
        }
    }

    private static func retryAfter(_ response: TransportResponse, _ now: Date) -> Duration? {
        response.header("Retry-After").flatMap { RetryAfter.wait($0, now: now) }
    }
}
