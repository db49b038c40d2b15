import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OAuthWire
import VaultAPI
import VaultCore

/// What a browser does: it goes to the provider, comes back, and takes a code to the application, which saves it.
struct LoginRoutes: Sendable {
    let caller: Caller
    let access: AccessControl
    let login: LoginService
    let hasConfirmationPage: Bool
    let vault: TokenAccess
    let site: SiteAddress
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - router: Gets what an application does.
    ///   - browsers: Gets what a browser does, which brings no bearer token.
    func add(
        to router: some RouterMethods<GatewayRequestContext>,
        browsers: some RouterMethods<GatewayRequestContext>
    ) {
        browsers.on(
            "services/:service/tokens/:token/login",
            methods: [.get: { try await self.begin(request: $0, context: $1) }]
        )
        browsers.on("redirect", methods: [.get: { try await self.finish(request: $0, context: $1) }])
        if self.hasConfirmationPage {
            browsers.on(
                "redirect/confirm",
                methods: [.post: { try await self.confirm(request: $0, context: $1) }]
            )
        }
        router.on(
            "services/:service/tokens/:token/save",
            methods: [.post: { try await self.save(request: $0, context: $1) }]
        )
    }

    /// GET `/login`: to the provider.
    private func begin(request: Request, context: GatewayRequestContext) async throws -> Response {
        try Self.refuseHead(request)
        let site = self.site.url(for: request, context: context)
        let cookie = LoginCookie(site: site)
        do {
            let beginning = try await self.login.begin(
                service: try Self.name("service", context),
                token: try Self.name("token", context),
                returnURL: ReturnURLParameter.value(in: request.uri.query ?? ""),
                redirectURI: "\(site)/redirect",
                cookie: cookie.value(in: request.headers)
            )
            var response = BrowserPage.redirect(to: beginning.page.absoluteString)
            response.headers[.setCookie] = cookie.header(beginning.cookie)
            return response
        } catch let error as LoginError {
            return BrowserPage.response(error)
        }
    }

    /// GET `/redirect`: back from the provider, and on to the application.
    private func finish(request: Request, context: GatewayRequestContext) async throws -> Response {
        try Self.refuseHead(request)
        let site = self.site.url(for: request, context: context)
        do {
            let end = try await self.login.finish(
                query: FormFields(request.uri.query ?? ""),
                cookie: LoginCookie(site: site).value(in: request.headers)
            )
            switch end {
            case .application(let location): return BrowserPage.redirect(to: location)
            case .confirmation(let confirmation): return BrowserPage.response(confirmation, site: site)
            }
        } catch let error as LoginError {
            return BrowserPage.response(error)
        }
    }

    /// POST `/redirect/confirm`: the person at the browser saves the login.
    private func confirm(request: Request, context: GatewayRequestContext) async throws -> Response {
        let cookie = LoginCookie(site: self.site.url(for: request, context: context))
        let form: ByteBuffer
        do {
            form = try await request.body.collect(upTo: 16_384)
        } catch is NIOTooManyBytesError {
            return BrowserPage.response(.unknownConfirmation)
        }
        do {
            let confirmed = try await self.login.confirm(
                FormFields(String(buffer: form)),
                cookie: cookie.value(in: request.headers)
            )
            return BrowserPage.redirect(to: confirmed.location)
        } catch let error as LoginError {
            return BrowserPage.response(error)
        }
    }

    /// A look at an address must not spend what is in it, as programs that preview addresses do.
    private static func refuseHead(_ request: Request) throws {
        guard request.method == .get else {
            throw VaultProblem(
                status: .methodNotAllowed,
                code: "MethodNotAllowed",
                message: "A login is begun and finished with GET.",
                headers: [.allow: "GET"]
            )
        }
    }

    private static func name(_ parameter: String, _ context: GatewayRequestContext) throws -> String {
        try context.parameters.require(parameter).removingPercentEncoding ?? ""
    }

    /// POST `/save`: what the login gave is the token's from now on.
    private func save(request: Request, context: GatewayRequestContext) async throws -> Response {
        let principal = try await self.caller.principal(of: request, context: context)
        let (service, token) = (try Self.name("service", context), try Self.name("token", context))
        try await self.access.authorize(
            principal,
            // The answer has the token in it.
            to: [.createOrUpdateToken, .getToken],
            on: .token(service: service, token: token),
            as: .saveToken
        )
        let properties = try await RequestBody.properties(of: request)
        guard let code = properties["code"]?.text else {
            throw VaultProblem.invalid("code is missing: it comes with the browser, in the address after the login.")
        }
        let redemption = try await self.login.save(
            code: code,
            service: service,
            token: token,
            allowAccountChange: properties["allowAccountChange"] == .bool(true),
            by: principal
        )
        if let problem = VaultProblem(redemption) { throw problem }
        let saved = try await self.vault.token(service: service, name: token, for: principal, action: .postToken)
        guard let value = saved.value else { throw VaultProblem(saved) }
        return Response(try value.postBody(now: self.now()))
    }
}

extension VaultProblem {
    /// Why a code gave nothing; nil when it gave something.
    fileprivate init?(_ redemption: CodeRedemption) {
        switch redemption {
        case .saved: return nil
        case .unknownCode:
            self = .invalid("The code is not one for this token, was used before, or is older than five minutes.")
        case .otherAccount(let present, let new):
            let login = new.map { "the account \($0.shown)" } ?? "an account that the provider did not name"
            self.init(
                status: .conflict,
                code: "account_mismatch",
                message: "The login was for \(login), and the token is for \(present.shown): "
                    + "send allowAccountChange with the value true if that is meant."
            )
        case .serviceChanged:
            self.init(
                status: .conflict,
                code: "ServiceChanged",
                message: "The service was changed since the login: log in again."
            )
        }
    }
}
