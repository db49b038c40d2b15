import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

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
        // Not `context.id`, which traps when the logger has lost the request's id.
        let requestID = context.logger[metadataKey: "hb.request.id"]?.description ?? "unknown"
        let notice = ErrorPage(
            status,
            lead: Self.lead(status),
            requestID: requestID,
            home: Self.home(context.variables)
        )
        var headers = headers
        headers[.contentLength] = nil
        headers[.vary] = "Accept"
        let body: ByteBuffer
        switch AcceptHeader.preferredForm(request.headers[values: .accept]) {
        case .html:
            headers[.contentType] = "text/html; charset=utf-8"
            body = ByteBuffer(string: self.templates.render(notice))
        case .json:
            headers[.contentType] = "application/json; charset=utf-8"
            body = ByteBuffer(bytes: notice.json)
        }
        let response = Response(status: status, headers: headers, body: .init(byteBuffer: body))
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Where the page with the token is: the part of the path that leads to this program, when the web server says which
    /// part that is.
    private static func home(_ variables: MetaVariables) -> String {
        guard let prefix = variables["SCRIPT_NAME"], variables["PATH_INFO"]?.isEmpty == false,
            prefix.hasPrefix("/"), !prefix.hasPrefix("//")
        else { return "/" }
        return prefix.hasSuffix("/") ? prefix : prefix + "/"
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
