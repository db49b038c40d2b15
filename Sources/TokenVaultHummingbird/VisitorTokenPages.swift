import HTTPTypes
public import Hummingbird
import NIOCore

/// How an application shows what is not a token: closures that make its pages.
///
/// To what they return the library adds its cookie, and `Cache-Control: no-store` and `Referrer-Policy: no-referrer` unless the
/// application has set others.
public struct VisitorTokenPages<Context: RequestContext>: Sendable {
    /// Makes a page of a failure; ``VisitorTokenError/status`` is the status that fits.
    public var failure: @Sendable (VisitorTokenError, Request, Context) async throws -> Response
    /// Makes the page that asks whether to forget the token, with the form of the question.
    public var forget: @Sendable (ForgetForm, Request, Context) async throws -> Response

    /// Pages without any style: a failure as JSON, the question as HTML with one button.
    public init() {
        self.failure = { error, request, context in try error.response(from: request, context: context) }
        self.forget = { form, _, _ in form.plainPage }
    }
}

/// The form by which somebody has a token forgotten: a POST with one field that only a page for this browser can have.
public struct ForgetForm: Sendable, Hashable {
    /// Where the form leads: the path of this page on its host.
    ///
    /// `form-action` of a content security policy has to allow it.
    public let action: String
    /// The name of its hidden field.
    public let field: String
    /// The value of that field: digits, which need no escaping.
    public let value: String

    /// Creates a form, as a fake of a test does.
    public init(action: String, field: String, value: String) {
        self.action = action
        self.field = field
        self.value = value
    }

    /// A page that asks and offers one button, and runs no script.
    var plainPage: Response {
        let html = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>Forget this token?</title>
            <form method="post">
            <p>The vault forgets the token, and the provider is told to end the access.</p>
            <input type="hidden" name="\(self.field)" value="\(self.value)">
            <button>Forget this token</button>
            </form>
            </html>

            """
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy:
                    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            ],
            body: .init(byteBuffer: ByteBuffer(string: html))
        )
    }
}
