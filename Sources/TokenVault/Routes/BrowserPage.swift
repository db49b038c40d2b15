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
        if error == .tooMany { headers[.retryAfter] = "60" }
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

    private static func status(of error: LoginError) -> HTTPResponse.Status {
        switch error {
        case .noToken: .notFound
        case .tooMany: .serviceUnavailable
        case .noReturnURL, .returnURLNotAllowed, .serviceUnusable, .unknownState, .otherBrowser: .badRequest
        }
    }

    /// Addresses here hold codes: nothing keeps them, and nobody learns them from the next request.
    private static var headers: HTTPFields {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
            (
                "Content-Security-Policy",
                "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
            ),
        ] {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        return headers
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
