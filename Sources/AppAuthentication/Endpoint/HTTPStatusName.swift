/// The names that .NET gives to HTTP statuses, which its messages show in place of numbers.
enum HTTPStatusName {
    private static let names = [
        300: "MultipleChoices", 301: "MovedPermanently", 302: "Found", 303: "SeeOther", 304: "NotModified",
        307: "TemporaryRedirect", 308: "PermanentRedirect",
        400: "BadRequest", 401: "Unauthorized", 402: "PaymentRequired", 403: "Forbidden", 404: "NotFound",
        405: "MethodNotAllowed", 406: "NotAcceptable", 407: "ProxyAuthenticationRequired", 408: "RequestTimeout",
        409: "Conflict", 410: "Gone", 411: "LengthRequired", 412: "PreconditionFailed",
        413: "RequestEntityTooLarge", 414: "RequestUriTooLong", 415: "UnsupportedMediaType",
        429: "TooManyRequests", 431: "RequestHeaderFieldsTooLarge",
        500: "InternalServerError", 501: "NotImplemented", 502: "BadGateway", 503: "ServiceUnavailable",
        504: "GatewayTimeout", 505: "HttpVersionNotSupported",
    ]

    static func name(of status: Int) -> String { self.names[status] ?? String(status) }
}
