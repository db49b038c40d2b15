import AppAuthentication
import FastCGI
import HTTPTypes
import Hummingbird
import Logging
import TokenVaultClient

/// Answers the web server's question whether a request may go to an API, and with which `Authorization`.
///
/// Who asks is decided by a parameter, which only the configuration of the web server can set, and not by a path, which any
/// browser can: the answer holds a token.
struct EgressAnswers: Sendable {
    /// The header of the answer with what the web server sends to the API.
    private static let authorizationName = HTTPField.Name("X-Egress-Authorization")
    /// The headers with what the web server answers instead; the status of the answer itself cannot say it, since nginx knows
    /// only 401 and 403 there and makes 500 of all others.
    private static let statusName = HTTPField.Name("X-Egress-Status")
    private static let reasonName = HTTPField.Name("X-Egress-Reason")

    private let sources: [String: EgressSource]

    init(sources: [String: EgressSource]) {
        self.sources = sources
    }

    /// - Returns: nil for a request that is no such question.
    func answer(_ request: Request, _ context: GatewayRequestContext) async -> Response? {
        guard let name = context.variables[EgressRequest.ruleParameter], !name.isEmpty else { return nil }
        do throws(EgressRefusal) {
            guard let source = self.sources[name] else {
                throw EgressRefusal(.internalServerError, "There is no rule of the name that the web server gives.")
            }
            let question = EgressRequest(request, variables: context.variables)
            if let refusal = source.rule.refusal(of: question) { throw refusal }
            return Self.answer(.noContent, [(Self.authorizationName, try await source.authorization(for: question))])
        } catch {
            context.logger.warning(
                "A request does not go to the API",
                metadata: [
                    "rule": "\(LogText(name))", "status": "\(error.status.code)", "reason": "\(LogText(error.reason))",
                ]
            )
            let fields = [
                (Self.statusName, "\(error.status.code)"),
                (Self.reasonName, HeaderText(error.reason).text),
            ]
            return Self.answer(.unauthorized, fields)
        }
    }

    private static func answer(
        _ status: HTTPResponse.Status,
        _ fields: [(HTTPField.Name?, String)]
    ) -> Response {
        var headers: HTTPFields = [.contentLength: "0"]
        for (name, value) in fields { if let name { headers[name] = value } }
        if status == .noContent { headers[.contentLength] = nil }
        return Response(status: status, headers: headers)
    }
}
