package import Foundation
package import TokenTransport

/// Asks the provider of a service for new tokens.
package protocol TokenRefresher: Sendable {
    /// - Throws: When the service is not set up to be renewed.
    func terms(of service: String) async throws -> RefresherTerms

    /// Sends one request, whatever comes of it; errors are `TransportError`, and ``UnsentRefreshError`` where there was
    /// nothing to send.
    func send(
        _ credential: Credential,
        of token: TokenKey,
        secret: Int,
        timeout: Duration
    ) async throws -> TransportResponse

    /// Reads an answer by the rules of the service as it was when the request was sent: with another hash of its
    /// configuration it is nobody's to read.
    func read(
        _ response: TransportResponse,
        of token: TokenKey,
        configurationHash: String,
        receivedAt date: Date
    ) async throws -> RefreshReading
}

/// What an answer of a provider is.
package enum RefreshReading: Sendable {
    case tokens(Credential)
    case outcome(RefreshOutcome)
    /// The service points elsewhere since the request was sent.
    case serviceChanged
}

/// How the provider of a service wants to be asked.
package struct RefresherTerms: Sendable, Hashable {
    package var rotation: RefreshTokenRotation
    /// How long before the expiry it renews at the earliest.
    package var marginCap: Duration?
    /// After how long without use it ends a refresh token.
    package var idle: Duration?
    /// How many client secrets there are to try.
    package var secretCount: Int

    package init(
        rotation: RefreshTokenRotation,
        marginCap: Duration? = nil,
        idle: Duration? = nil,
        secretCount: Int = 1
    ) {
        self.rotation = rotation
        self.marginCap = marginCap
        self.idle = idle
        self.secretCount = secretCount
    }
}
