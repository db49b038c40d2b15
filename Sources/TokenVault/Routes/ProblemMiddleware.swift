import FastCGI
import HTTPTypes
import Hummingbird
import Logging
import VaultCore

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
        } catch let problem as VaultProblem {
            response = problem.response
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPError where error.status == .notFound {
            response = VaultProblem.noRoute.response
        } catch let denial as AccessDenial {
            response = VaultProblem(denial).response
        } catch let error as QuotaError {
            response = VaultProblem(error).response
        } catch let error as StoreError {
            context.logger.error(
                error.code == .full ? "The disk of the store is full" : "The store cannot be used",
                metadata: ["code": "\(error.code.rawValue)", "message": "\(error.reason)"]
            )
            response = (error.code == .full ? VaultProblem.storeFull : .storeUnavailable).response
        } catch {
            // The type alone: an error from below might describe what it failed on.
            context.logger.error("A request failed", metadata: ["error": "\(type(of: error))"])
            response = VaultProblem.internalError.response
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}
