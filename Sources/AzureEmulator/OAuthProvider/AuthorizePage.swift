import HTTPTypes
import Hummingbird
import NIOCore

/// The pages that a person sees at the provider.
enum AuthorizePage {
    /// Whom to log in as, and whether to let the client.
    static func consent(to request: AuthorizationRequest, name: String) -> Response {
        let people = Person.all.enumerated().map { index, person in
            """
            <label><input type="radio" name="person" value="\(person.loginName)"\(index == 0 ? " checked" : "")>
            <span>\(person.name)<small>\(person.email)</small></span></label>
            """
        }
        let scopes = request.scope.isEmpty ? "nothing in particular" : request.scope
        return self.page(
            title: "Log in",
            formTarget: request.redirectURI,
            body: """
                <h1>Log in</h1>
                <p><b>\(self.escaped(request.clientID))</b> asks for <b>\(self.escaped(scopes))</b>.</p>
                <form method="post" action="authorize">
                <input type="hidden" name="request" value="\(self.escaped(name))">
                <fieldset><legend>Who are you?</legend>
                \(people.joined(separator: "\n"))
                </fieldset>
                <p class="buttons"><button name="decision" value="allow">Allow</button>
                <button name="decision" value="cancel" class="quiet">Cancel</button></p>
                </form>
                """
        )
    }

    /// A request that nobody can be sent back from.
    static func refusal(_ reason: String) -> Response {
        self.page(
            title: "This request cannot be answered",
            status: .badRequest,
            body: "<h1>This request cannot be answered</h1>\n<p id=\"error\">\(self.escaped(reason))</p>"
        )
    }

    private static func page(
        title: String,
        status: HTTPResponse.Status = .ok,
        formTarget: String? = nil,
        body: String
    ) -> Response {
        let nonce = Secret.random().value
        let html = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) · Local OAuth provider</title>
            <style nonce="\(nonce)">\(self.style)</style>
            </head>
            <body>
            <header>Local OAuth provider <small>for development: there are no passwords</small></header>
            <main>
            \(body)
            </main>
            </body>
            </html>

            """
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        // Chromium holds every address against form-action that the answer to a form leads to, one after the other: that of
        // the client, and where this sends the browser on to, which is the application of a vault.
        let target = formTarget.flatMap(self.origin).map { "\($0) \(self.loopback)" } ?? ""
        headers[.contentSecurityPolicy] = """
            default-src 'none'; style-src 'nonce-\(nonce)'; base-uri 'none'; frame-ancestors 'none'; \
            form-action 'self' \(target)
            """
        if let name = HTTPField.Name("Referrer-Policy") {
            headers[name] = "no-referrer"
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static let loopback = "http://127.0.0.1:* http://localhost:*"

    private static func origin(of address: String) -> String? {
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return nil }
        let origin = "\(parts[0])//\(parts[2])"
        let isPlain = origin.utf8.allSatisfy {
            (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",")
        }
        return isPlain ? origin.prefix { $0 != "?" }.description : nil
    }

    private static func escaped(_ text: String) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "\""): escaped += "&quot;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    private static let style = """
        :root{font:16px/1.5 system-ui,sans-serif;color:#1c2733;background:#f4f6f8}
        body{margin:0}header{padding:1rem 1.5rem;font-weight:600}
        small{font-weight:400;opacity:.75}
        main{max-width:26rem;margin:1rem auto;padding:1.5rem;background:#fff;border-radius:.75rem}
        h1{margin:0 0 .5rem;font-size:1.5rem}fieldset{border:0;margin:0;padding:0}legend{padding:0;font-weight:600}
        label{display:flex;gap:.75rem;align-items:center;padding:.6rem .25rem;border-bottom:1px solid #d5dce3}
        label small{display:block}.buttons{display:flex;gap:.75rem;margin:1.25rem 0 0}
        button{flex:1;padding:.6rem;font:inherit;border:1px solid #1e5fa8;border-radius:.5rem;background:#1e5fa8;color:#fff}
        button.quiet{background:none;color:inherit;border-color:#8795a3}
        button:focus-visible,input:focus-visible{outline:3px solid #7db2ee;outline-offset:2px}
        p{overflow-wrap:anywhere}
        @media(prefers-color-scheme:dark){:root{color:#e3e9ef;background:#11171d}main{background:#1b242d}
        label{border-color:#36424e}button{background:#2f74c0;border-color:#2f74c0}}
        """
}
