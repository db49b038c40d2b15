package import Foundation
package import Logging
package import TokenTransport

/// Tells another program what happens to tokens: signed messages, sent until it takes them.
///
/// The transport has the rules of the one that asks identity providers: addresses of the public internet, and those that the
/// operator allows.
package struct WebhookSender: Sendable {
    private static let timeout = Duration.seconds(15)
    private static let pause = Duration.seconds(5)
    /// Between two looks for tokens that will need a login.
    private static let forecastPause: TimeInterval = 3600

    private let url: URL
    private let key: WebhookKey
    private let store: any WebhookStore
    private let transport: any HTTPTransport
    private let forecast: @Sendable () async throws -> [WebhookEvent]
    private let clock: LeaseClock
    private let logger: Logger

    package init(
        url: URL,
        key: WebhookKey,
        store: any WebhookStore,
        transport: any HTTPTransport,
        forecast: @escaping @Sendable () async throws -> [WebhookEvent],
        clock: LeaseClock = .system,
        logger: Logger
    ) {
        self.url = url
        self.key = key
        self.store = store
        self.transport = transport
        self.forecast = forecast
        self.clock = clock
        self.logger = logger
    }

    /// Sends what is due, until the task is cancelled.
    package func run() async {
        var looked = Date.distantPast
        while !Task.isCancelled {
            if self.clock.date().timeIntervalSince(looked) >= Self.forecastPause {
                looked = self.clock.date()
                await self.attempt("It cannot be foreseen now which tokens will need a login") {
                    try await self.store.addExpiring(self.forecast())
                }
            }
            await self.attempt("Webhooks cannot be sent now") { try await self.sendDue() }
            try? await self.clock.sleep(Self.pause)
        }
    }

    /// Does one thing, whose failure keeps nothing else from being done.
    private func attempt(_ complaint: Logger.Message, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            guard !Task.isCancelled else { return }
            self.logger.error(complaint, metadata: ["error": "\(Self.reason(of: error))"])
        }
    }

    /// Sends what is due, once.
    package func sendDue() async throws {
        for message in try await self.store.takeWebhooks(limit: 20) {
            do {
                try await self.send(message)
                try await self.store.removeWebhook(message.id)
            } catch is CancellationError {
                throw CancellationError()
            } catch let error as WebhookFailure {
                try await self.postpone(message, error.description)
            } catch let error as TransportError {
                try await self.postpone(message, error.description)
            }
        }
    }

    private func send(_ message: WebhookMessage) async throws {
        let timestamp = Int64(self.clock.date().timeIntervalSince1970)
        let response = try await self.transport.send(
            TransportRequest(
                .post,
                url: self.url,
                headers: [
                    ("Content-Type", "application/json"), ("webhook-id", message.id),
                    ("webhook-timestamp", "\(timestamp)"),
                    ("webhook-signature", self.key.signature(id: message.id, timestamp: timestamp, body: message.body)),
                ],
                body: message.body,
                timeout: Self.timeout
            )
        )
        guard (200..<300).contains(response.status) else {
            throw WebhookFailure(description: "it answered with status \(response.status)")
        }
    }

    private func postpone(_ message: WebhookMessage, _ reason: String) async throws {
        let metadata: Logger.Metadata = ["id": "\(message.id)", "reason": "\(reason)"]
        guard let pause = WebhookMessage.pause(afterFailures: message.failures + 1) else {
            self.logger.error("A webhook was given up", metadata: metadata)
            try await self.store.removeWebhook(message.id)
            return
        }
        self.logger.warning("A webhook was not taken, and is sent again later", metadata: metadata)
        // Not all at once when the other side is back.
        try await self.store.postponeWebhook(message.id, by: pause * Double.random(in: 1...1.2))
    }

    private static func reason(of error: any Error) -> String {
        (error as? StoreError)?.description ?? "\(type(of: error))"
    }
}

private struct WebhookFailure: Error {
    let description: String
}
