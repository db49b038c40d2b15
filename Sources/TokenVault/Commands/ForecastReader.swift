import Foundation
import VaultCore

/// Reads what there is to foresee of a store.
struct ForecastReader {
    let store: any AdministeredStore
    let catalog: ProviderCatalog
    /// Days after which a client secret and a data key are to be replaced; nil when they are not.
    let secretDays: Int?
    let keyDays: Int?

    func events() async throws -> [ForecastEvent] {
        let now = self.store.now()
        var providers: [String: String] = [:]
        var events: [ForecastEvent] = []
        for service in try await self.store.services() {
            providers[service.name] = service.provider
            guard let secretDays else { continue }
            // The newest is the one that is used.
            if let secret = try await self.store.clientSecrets(of: service.name).first {
                let date = secret.createdOn + Self.seconds(secretDays)
                events.append(ForecastEvent(.clientSecretAge, on: date, service: service.name))
            }
        }
        for token in try await self.store.tokens() {
            let key = TokenKey(service: token.service, token: token.name)
            let row = token.credential == nil ? nil : try await self.store.renewal(of: key)
            events += TokenForecast.events(
                of: token,
                obtainedOn: row?.obtainedOn,
                provider: providers[token.service].flatMap { self.catalog[$0] },
                now: now
            )
        }
        if let keyDays {
            let created = try await self.store.counts(at: now).keyCreatedAt
            let date = Date(timeIntervalSince1970: TimeInterval(created)) + Self.seconds(keyDays)
            events.append(ForecastEvent(.dataKeyAge, on: date))
        }
        return ForecastEvent.inOrder(events)
    }

    /// What ends within a week, as others are told.
    func expiring() async throws -> [WebhookEvent] {
        let now = self.store.now()
        let end = now + Self.seconds(7)
        return try await self.events().compactMap { event in
            switch event.kind {
            case .accessTokenExpires, .refreshTokenExpires, .hardLimit: break
            case .login, .idleLimit, .clientSecretAge, .dataKeyAge: return nil
            }
            guard event.date > now, event.date <= end else { return nil }
            return WebhookEvent(.expiring, service: event.service, token: event.token, expiresOn: event.date)
        }
    }

    private static func seconds(_ days: Int) -> TimeInterval { TimeInterval(days) * 86_400 }
}
