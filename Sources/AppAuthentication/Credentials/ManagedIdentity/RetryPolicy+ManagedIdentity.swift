import OAuthWire

extension RetryPolicy {
    /// The waits of AppAuthentication for .NET.
    ///
    /// A 410 means that the endpoint is being updated, which takes up to 70 seconds.
    static let managedIdentity = Self(
        waits: [.seconds(2), .seconds(6), .seconds(14), .seconds(30)],
        waitsWhenGone: [.seconds(2), .seconds(6), .seconds(14), .seconds(30), .seconds(30)],
        waitsWithoutAnswer: [.seconds(2), .seconds(6), .seconds(14), .seconds(30)],
        retriedStatuses: [404, 410, 429],
        attemptTimeout: .seconds(30)
    )

    /// The waits where other credentials come after this one.
    ///
    /// An endpoint that is broken must not keep them waiting for a minute; one that is being updated is worth it.
    static let managedIdentityInChain: Self = {
        var policy = Self.managedIdentity
        policy.waits = [.milliseconds(300), .seconds(1)]
        policy.longestRequestedWait = .seconds(1)
        policy.waitsWithoutAnswer = [.milliseconds(300)]
        policy.attemptTimeout = .seconds(10)
        return policy
    }()

    /// More than 12 seconds, and less than a page waits for its identity.
    static let waitsForListener: [Duration] = [300, 700, 1_000, 2_000, 3_000, 3_000, 3_000].map { .milliseconds($0) }
}
