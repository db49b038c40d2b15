import AppAuthentication
import FastCGI
import Hummingbird
import Logging
import TokenVaultClient
import TokenVaultHummingbird

extension VisitorTokenPages<GatewayRequestContext> {
    /// What the page shows of a login, and before it has a token forgotten.
    init(_ pages: PageWriter) {
        self.init()
        self.failure = { error, request, context in
            if let failure = PageError(loginError: error) {
                if error.code == .noIdentity {
                    context.logger.warning("No access token", metadata: ["error": "\(LogText(failure.story))"])
                }
                return try pages.response(failure, to: request)
            }
            return pages.response(error, to: request, context)
        }
        self.forget = { form, request, context in pages.forgetPage(form, to: request, context) }
    }
}
