import HTTPTypes
import Hummingbird
import Logging

/// Writes one line for every request that is refused, and answers it.
struct ErrorLog<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            let reason = (error as? any EmulatorError)?.reason ?? error.status.reasonPhrase
            // The path and not the query: who mixes up query and body sends a secret in it.
            context.logger.notice(
                "Refused \(request.method.rawValue) \(request.uri.path.printable): \(error.status.code) \(reason)"
            )
            return try error.response(from: request, context: context)
        }
    }
}
