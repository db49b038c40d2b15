import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Turns every error that reaches it into a page that a person can read and that tells a stranger nothing.
struct ErrorPageMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    private let templates: PageTemplates

    init(templates: PageTemplates) {
        self.templates = templates
    }

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as any HTTPResponseError {
            let refusal = try error.response(from: request, context: context)
            return self.page(refusal.status, headers: refusal.headers, request: request, context: context)
        } catch {
            context.logger.error("The page failed", metadata: ["error": "\(type(of: error))"])
            return self.page(.internalServerError, headers: [:], request: request, context: context)
        }
    }

    private func page(
        _ status: HTTPResponse.Status,
        headers: HTTPFields,
        request: Request,
        context: GatewayRequestContext
    ) -> Response {
        let notice = ErrorPage(
            status,
            lead: Self.lead(status),
            requestID: PageWriter.requestID(context),
            home: PageAddress.path(context.variables)
        )
        let response = notice.response(to: request, templates: self.templates, headers: headers)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func lead(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "There is nothing at this address. The token is on the first page."
        case .methodNotAllowed: "This page can be read, and nothing else."
        case .forbidden: "This page answers nobody but its web server."
        case .internalServerError: "The program made a mistake. Its log says more under the number below."
        default: "The request could not be answered."
        }
    }
}
