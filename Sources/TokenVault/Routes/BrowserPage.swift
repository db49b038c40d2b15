import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import VaultCore

/// What the vault answers a browser: mostly where to go, and a sentence where a login cannot go on.
enum BrowserPage {
    /// 303, so that the browser asks with GET whatever it came with (RFC 9700 section 4.12).
    static func redirect(to location: String) -> Response {
        var headers = Self.headers
        headers[.location] = location
        return Response(status: .seeOther, headers: headers)
    }

    static func response(_ error: LoginError) -> Response {
        var headers = Self.headers
        headers[.contentType] = "text/html; charset=utf-8"
        let page = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>Log in</title>
            <p>Something went wrong: \(Self.escaped(error.description))</p></html>

            """
        return Response(
            status: Self.status(of: error),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: page))
        )
    }

    /// Asks whether a login is to be kept: no script, nothing to load, in no frame.
    static func response(_ confirmation: LoginConfirmation, site: String) -> Response {
        let target = ReturnURL(confirmation.returnURL)?.site ?? ""
        var headers = Self.headers
        headers[.contentType] = "text/html; charset=utf-8"
        // Browsers hold the redirect that answers a form against this list, too.
        Self.set("Content-Security-Policy", Self.policy(formAction: "'self' \(target)"), in: &headers)
        let account = confirmation.account?.shown
        let fields = [
            ("service", confirmation.service), ("token", confirmation.token), ("returnUrl", confirmation.returnURL),
            ("secret", confirmation.secret.text),
        ].map { #"<input type="hidden" name="\#($0)" value="\#(Self.escaped($1))">"# }.joined(separator: "\n")
        let page = """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>Keep this login?</title>
            <h1>Keep this login?</h1>
            <p>You logged in\(account.map { " as <b>\(Self.escaped($0))</b>" } ?? "") for the token <b>\(Self.escaped(confirmation.token))</b> of <b>\(Self.escaped(confirmation.service))</b>. Whoever may read that token can then act in your name.</p>
            <p>Go on only if you began this yourself, a moment ago. You then get to \(Self.escaped(target)).</p>
            <form method="post" action="\(Self.escaped(site))/redirect/confirm">
            \(fields)
            <button>Keep it</button></form></html>

            """
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }

    private static func status(of error: LoginError) -> HTTPResponse.Status {
        switch error {
        case .noReturnURL, .refused, .serviceUnusable, .unknownState, .otherBrowser, .failed, .unknownConfirmation:
            .badRequest
        }
    }

    /// Addresses here hold codes: nothing keeps them, and nobody learns them from the next request.
    private static var headers: HTTPFields {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Content-Security-Policy", Self.policy(formAction: "'none'")),
        ] {
            Self.set(name, value, in: &headers)
        }
        return headers
    }

    private static func policy(formAction: String) -> String {
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action \(formAction)"
    }

    private static func set(_ name: String, _ value: String, in headers: inout HTTPFields) {
        if let field = HTTPField.Name(name) { headers[field] = value }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
