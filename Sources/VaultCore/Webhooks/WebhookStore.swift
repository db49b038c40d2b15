/// The messages that wait to be sent.
package protocol WebhookStore: Sendable {
    /// Notes what will be told, once for each token, kind and time of expiry.
    func addExpiring(_ events: [WebhookEvent]) async throws
    /// Takes the messages that are due: nobody else gets them for a minute.
    func takeWebhooks(limit: Int) async throws -> [WebhookMessage]
    /// Forgets a message that was taken, or whose time is over.
    func removeWebhook(_ id: String) async throws
    /// Lets a message wait once more.
    func postponeWebhook(_ id: String, by pause: Duration) async throws
}
