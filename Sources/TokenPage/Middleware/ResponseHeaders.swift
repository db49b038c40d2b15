import HTTPTypes

/// Puts the headers on every answer that keep a token where it belongs.
enum ResponseHeaders {
    static func add(to headers: inout HTTPFields) {
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.contentSecurityPolicy] == nil { headers[.contentSecurityPolicy] = standardPolicy }
        for (name, value) in namedHeaders { headers[name] = value }
    }
}

private let standardPolicy = contentSecurityPolicy(formAction: "'none'")

/// What a browser may load and do on a page; forms lead nowhere but where one stands.
func contentSecurityPolicy(formAction: String) -> String {
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action \(formAction); "
        + "frame-ancestors 'none'"
}

/// Those that HTTPTypes has no names for: no window that opened the page, and no other site, gets hold of it.
private let namedHeaders: [(HTTPField.Name, String)] = [
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
