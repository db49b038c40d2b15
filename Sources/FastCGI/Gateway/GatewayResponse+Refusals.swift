import HTTPTypes

extension GatewayResponse {
    /// The answer to a request above the limit of ``ServerLimits/maxInFlight``.
    static var overloaded: GatewayResponse {
        .plain(.serviceUnavailable, "The server is busy. Try again in a moment.", retryAfter: 1)
    }

    /// The answer to a request that broke off or is too large.
    static func refusing(_ problem: ValidatedRequest.Problem) -> GatewayResponse {
        switch problem {
        case .malformedParameters: .plain(.badRequest, "The request's parameters are malformed.")
        case .parametersTooLarge: .plain(.requestHeaderFieldsTooLarge, "The request's header fields are too large.")
        case .bodyTooLarge: .plain(.contentTooLarge, "The request's body is too large.")
        case .bodyTruncated: .plain(.badRequest, "The request's body is incomplete.")
        }
    }
}
