import FastCGI
import HTTPTypes
import Hummingbird
import Logging

/// Answers only a web server that knows the secret: whatever else may open the socket gets no token.
///
/// All that runs as the web server's user may: every other site of that machine that runs a program of its own.
struct WebServerSecret: Sendable {
    /// Of the setting, and of the parameter in which the web server says it.
    static let name = "TOKEN_PAGE_SECRET"

    private let secret: SharedSecret

    init(_ secret: SharedSecret) {
        self.secret = secret
    }

    func isSaid(in variables: MetaVariables) -> Bool {
        self.secret.matches(variables[Self.name] ?? "")
    }

    /// - Throws: `HTTPError` for a request that does not say it.
    func check(_ context: GatewayRequestContext) throws {
        guard self.isSaid(in: context.variables) else {
            context.logger.warning(
                "Refused a request that did not come through the web server: \(Self.name) is missing or wrong"
            )
            throw HTTPError(.forbidden)
        }
    }
}
