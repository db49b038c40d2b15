package import Foundation

/// What one token will need a person for: a pure rule of what the store has and what the row of its provider says.
package enum TokenForecast {
    /// - Parameters:
    ///   - token: As it is stored.
    ///   - obtainedOn: When its credential was stored; nil when it has none.
    ///   - provider: Nil when there is none of that name.
    ///   - now: The present.
    /// - Returns: What there is to foresee, at most one end of the grant and one end of an idle refresh token.
    package static func events(
        of token: StoredToken,
        obtainedOn: Date?,
        provider: Provider?,
        now: Date
    ) -> [ForecastEvent] {
        func event(_ kind: ForecastEvent.Kind, on date: Date) -> ForecastEvent {
            ForecastEvent(kind, on: date, service: token.service, token: token.name)
        }
        // Nobody was logged in yet: that is not for a calendar.
        guard let credential = token.credential else { return [] }
        // Another store renews it, and foresees what comes.
        guard token.problem != .exported else { return [] }
        if let problem = token.problem, problem.endsGrant { return [event(.login, on: now)] }
        guard credential.refreshToken != nil, provider.map({ $0.renewal != .none }) ?? true else {
            return credential.expiresOn.map { [event(.accessTokenExpires, on: $0)] } ?? []
        }
        var events: [ForecastEvent] = []
        if let date = credential.refreshExpiresOn { events.append(event(.refreshTokenExpires, on: date)) }
        if let limit = provider?.rotation.hardLimit, let login = token.loggedInOn {
            events.append(event(.hardLimit, on: login.addingTimeInterval(TimeInterval(limit))))
        }
        // Of what ends the grant the first is enough.
        events = events.min { $0.date < $1.date }.map { [$0] } ?? []
        if let idle = provider?.rotation.idle, let obtainedOn {
            let date = obtainedOn.addingTimeInterval(TimeInterval(idle))
            if date < events.first?.date ?? .distantFuture { events.append(event(.idleLimit, on: date)) }
        }
        return events
    }
}
