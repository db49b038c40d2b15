import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TokenVaultHummingbird

/// Writes what became of a request as HTML or as JSON, whichever was asked for.
struct PageWriter: Sendable {
    /// The page that nothing was entered in yet.
    let blank: HomePage
    private let templates: PageTemplates
    /// One without and one with what a vault says of the token.
    private let successes: [PreparedPage]
    /// What stands above each of them.
    private let successHead: PreparedHead

    init(templates: PageTemplates, blank: HomePage) {
        self.templates = templates
        self.successes = [false, true].map { templates.prepare(blank, hasDetails: $0) }
        var fields = Self.fields(status: .ok, form: .html)
        ResponseHeaders.add(to: &fields)
        self.successHead = PreparedHead(status: .ok, fields: fields)
        self.blank = blank
    }

    func response(_ page: HomePage, to request: Request) throws -> Response {
        try self.response(page, in: AcceptHeader.preferredForm(request.headers[values: .accept]))
    }

    private func response(_ page: HomePage, in form: AcceptHeader.Form) throws -> Response {
        let body =
            switch form {
            case .html:
                self.success(page).map { ByteBuffer(bytes: $0) } ?? ByteBuffer(string: self.templates.render(page))
            case .json: ByteBuffer(bytes: try page.json())
            }
        let headers = Self.fields(status: page.status, form: form)
        return Response(status: page.status, headers: headers, body: .init(byteBuffer: body))
    }

    /// The page in HTML, with all that belongs to it.
    func directAnswer(_ page: HomePage) throws -> DirectAnswer {
        if let html = self.success(page) { return .page(self.successHead, body: html) }
        var response = try self.response(page, in: .html)
        ResponseHeaders.add(to: &response.headers)
        return .response(response)
    }

    private func success(_ page: HomePage) -> [UInt8]? {
        self.successes[page.details == nil ? 0 : 1].render(page)
    }

    private static func fields(status: HTTPResponse.Status, form: AcceptHeader.Form) -> HTTPFields {
        var fields: HTTPFields = [.vary: "Accept"]
        if status == .serviceUnavailable { fields[.retryAfter] = "1" }
        fields[.contentType] =
            switch form {
            case .html: "text/html; charset=utf-8"
            case .json: "application/json; charset=utf-8"
            }
        return fields
    }

    /// The page without a token, and why.
    func response(_ failure: PageError, to request: Request) throws -> Response {
        var page = self.blank
        page.failure = failure
        return try self.response(page, to: request)
    }

    /// What became of a login that did not end with a token.
    func response(_ error: VisitorTokenError, to request: Request, _ context: GatewayRequestContext) -> Response {
        var page = ErrorPage(
            error.status,
            headline: error.headline,
            lead: ShownText(error.description).text,
            requestID: Self.requestID(context),
            home: PageAddress.path(context.variables)
        )
        page.offersLogin = error.offersLogin
        return page.response(to: request, templates: self.templates)
    }

    /// The page that asks whether to forget the token.
    func forgetPage(_ form: ForgetForm, to request: Request, _ context: GatewayRequestContext) -> Response {
        var page = ErrorPage(
            .ok,
            headline: "Forget this token?",
            lead:
                "The vault forgets it, and the provider is told to end the access. Programs that use the token get none "
                + "until somebody logs in again.",
            requestID: Self.requestID(context),
            home: PageAddress.path(context.variables)
        )
        page.confirmation = form.value
        var response = page.response(to: request, templates: self.templates)
        response.headers[.contentSecurityPolicy] = contentSecurityPolicy(formAction: "'self'")
        return response
    }

    /// Not `context.id`, which traps when the logger has lost the request's id.
    static func requestID(_ context: GatewayRequestContext) -> String {
        context.logger[metadataKey: "hb.request.id"]?.description ?? "unknown"
    }
}
