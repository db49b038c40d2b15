import Foundation
import Waiting

/// What the cache knows of one key, and what a caller has to do about it: a plain value without locks or waiting.
struct TokenCacheEntry {
    /// A token with less than this left is renewed; a service may take a while to use what it was handed.
    static let renewalMargin: TimeInterval = 5 * 60

    /// How long the source is left alone after an answer, good or bad, while the token can still be used: a source
    /// that fails is not asked by every caller, nor is one that only hands out short-lived tokens.
    static let renewalGap = Duration.seconds(30)

    /// How long a failure stands for all callers where there is no token: while nothing works, the source is asked once a
    /// second and not by each caller.
    static let failureMemory = Duration.seconds(1)

    enum Step {
        /// Use the token.
        case serve(AccessToken)
        /// Use the token, and be the one who renews it in the background.
        case serveAndRenew(AccessToken, SharedResult<AccessToken>)
        /// An acquisition has just failed.
        case fail(any Error)
        /// Wait for the acquisition of someone else.
        case join(SharedResult<AccessToken>)
        /// Be the one who acquires the token, and wait for it.
        case start(SharedResult<AccessToken>)
    }

    private var token: AccessToken?
    private var acquisition: SharedResult<AccessToken>?
    private var noRenewalBefore = Duration.zero
    private var failure: (error: any Error, until: Duration)?
    private var isRenewing = false
    private var isFailedRenewalTold = false

    func isEmpty(uptime: Duration) -> Bool {
        self.token == nil && self.acquisition == nil && self.failure.map { $0.until <= uptime } ?? true
    }

    func freshToken(at now: Date) -> AccessToken? {
        guard let token, token.expiresOn >= now.addingTimeInterval(Self.renewalMargin) else { return nil }
        return token
    }

    mutating func nextStep(at now: Date, uptime: Duration, forceRefresh: Bool) -> Step {
        if !forceRefresh, let token, token.expiresOn > now {
            let isFresh = self.freshToken(at: now) != nil
            if isFresh || self.acquisition != nil || uptime < self.noRenewalBefore { return .serve(token) }
            return .serveAndRenew(token, self.begin(isRenewal: true))
        }
        if let acquisition { return .join(acquisition) }
        if let failure, uptime < failure.until, !(self.token.map { $0.expiresOn > now } ?? false) {
            return .fail(failure.error)
        }
        return .start(self.begin(isRenewal: false))
    }

    /// Keeps what an acquisition came to.
    ///
    /// - Returns: Why a renewal in the background failed, which no caller is told; nil when that was told since the last
    ///   success.
    mutating func finish(with outcome: Result<AccessToken, any Error>, uptime: Duration) -> FailedRenewal? {
        let isRenewal = self.isRenewing
        self.isRenewing = false
        self.acquisition = nil
        self.noRenewalBefore = uptime + Self.renewalGap
        switch outcome {
        case .success(let token):
            self.token = token
            self.failure = nil
            self.isFailedRenewalTold = false
            return nil
        case .failure(let error):
            self.failure = (error, uptime + Self.failureMemory)
            guard isRenewal, !self.isFailedRenewalTold, let token else { return nil }
            self.isFailedRenewalTold = true
            return FailedRenewal(error: error, token: token)
        }
    }

    private mutating func begin(isRenewal: Bool) -> SharedResult<AccessToken> {
        self.isRenewing = isRenewal
        let acquisition = SharedResult<AccessToken>()
        self.acquisition = acquisition
        return acquisition
    }
}

/// A renewal in the background that failed, while the token that it was to replace is still handed out.
package struct FailedRenewal: Sendable {
    package let error: any Error
    package let token: AccessToken
}
