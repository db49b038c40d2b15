import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// Turns every error that reaches it into a page that a person can read and that tells a stranger nothing.
struct ErrorPages: RouterMiddleware {
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
        } catch {
            return try self.response(to: error, request, context)
        }
    }

    /// The page of an error.
    ///
    /// - Throws: `CancellationError`, of which nobody is there to see a page.
    func response(to error: any Error, _ request: Request, _ context: GatewayRequestContext) throws -> Response {
        switch error {
        case is CancellationError:
            throw CancellationError()
        case let error as any HTTPResponseError:
            let refusal = try error.response(from: request, context: context)
            return self.page(refusal.status, headers: refusal.headers, request: request, context: context)
        default:
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
