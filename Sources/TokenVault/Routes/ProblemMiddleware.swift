import FastCGI
import HTTPTypes
import Hummingbird

/// Makes every error an answer in the vault's own form, and forbids every cache to keep any answer.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try VaultProblem(error, logger: context.logger).response
        }
        Self.addFields(to: &response.headers)
        return response
    }

    /// What every answer has.
    static func addFields(to headers: inout HTTPFields) {
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
    }
}
