import Foundation
import HTTPTypes
import Hummingbird

/// An error as Entra ID gives it: OAuth's fields (RFC 6749 section 5.2), and a number that clients look for.
struct EntraError: EmulatorError, Equatable {
    let status: HTTPResponse.Status
    let error: String
    let code: Int
    private let message: String

    var reason: String { "AADSTS\(self.code): \(self.message)" }

    private init(_ error: String, _ code: Int, _ message: String, status: HTTPResponse.Status = .badRequest) {
        self.status = status
        self.error = error
        self.code = code
        self.message = message
    }

    static func malformed(_ message: String) -> Self {
        .init("invalid_request", 9_002_313, message)
    }

    static func missing(_ parameter: String) -> Self {
        .init("invalid_request", 900_144, "The parameter '\(parameter)' is missing from the body of the request.")
    }

    static func tenantNotFound(_ tenant: String) -> Self {
        .init("invalid_request", 90_002, "There is no tenant '\(tenant.printable)' here.")
    }

    static var noTenant: Self {
        .init(
            "invalid_request",
            50_059,
            "Neither the address nor the credentials of the request say which tenant is meant."
        )
    }

    static func unsupportedGrant(_ grant: String) -> Self {
        .init("unsupported_grant_type", 70_003, "The grant type '\(grant.printable)' is not supported here.")
    }

    static func applicationNotFound(_ clientID: String, tenant: String) -> Self {
        .init(
            "unauthorized_client",
            700_016,
            "There is no application with the identifier '\(clientID.printable)' in the directory '\(tenant)'."
        )
    }

    static func wrongSecret(clientID: String) -> Self {
        .init(
            "invalid_client",
            7_000_215,
            "The client secret is wrong for the app '\(clientID)'.",
            status: .unauthorized
        )
    }

    static var missingProof: Self {
        .init(
            "invalid_client",
            7_000_216,
            "The grant 'client_credentials' needs a 'client_secret' or a 'client_assertion'.",
            status: .unauthorized
        )
    }

    static var malformedAssertion: Self {
        .init("invalid_request", 50_027, "The client assertion is no JWT with the claims that it needs.")
    }

    static func invalidAssertion(_ reason: String) -> Self {
        .init("invalid_client", 700_027, "The client assertion is not accepted: \(reason)", status: .unauthorized)
    }

    static func assertionOfAnother(clientID: String) -> Self {
        .init(
            "invalid_client",
            700_021,
            "The issuer and the subject of the client assertion are not both the client id '\(clientID)'.",
            status: .unauthorized
        )
    }

    static func wrongAssertionAudience(_ expected: String) -> Self {
        .init(
            "invalid_client",
            700_023,
            "The audience of the client assertion is not this endpoint, '\(expected)'.",
            status: .unauthorized
        )
    }

    static var assertionOutOfTime: Self {
        .init(
            "invalid_client",
            700_024,
            "The client assertion is not within its valid time range; compare the clocks.",
            status: .unauthorized
        )
    }

    static func resourceNotFound(_ resource: String) -> Self {
        .init(
            "invalid_resource",
            500_011,
            "There is no resource principal named '\(resource.printable)': it is neither an absolute URI nor a GUID."
        )
    }

    static func scopeWithoutDefault(_ scope: String) -> Self {
        .init(
            "invalid_scope",
            1_002_012,
            "The scope '\(scope.printable)' is not one resource identifier with the suffix /.default."
        )
    }

    static func unknownInstance(_ host: String) -> Self {
        .init("invalid_instance", 50_049, "The host '\(host.printable)' is no instance of this authority.")
    }

    private struct Body: Encodable {
        let error: String
        let description: String
        let codes: [Int]
        let timestamp: String
        let traceID: String
        let correlationID: String

        enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
            case codes = "error_codes"
            case timestamp
            case traceID = "trace_id"
            case correlationID = "correlation_id"
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let asked = request.headers[named: "client-request-id"].flatMap(UUID.init(uuidString:))
        let correlationID = (asked ?? UUID()).uuidString.lowercased()
        let traceID = UUID().uuidString.lowercased()
        let timestamp = Date().entraText
        let body = Body(
            error: self.error,
            description:
                "\(self.reason) Trace ID: \(traceID) Correlation ID: \(correlationID) Timestamp: \(timestamp)",
            codes: [self.code],
            timestamp: timestamp,
            traceID: traceID,
            correlationID: correlationID
        )
        var headers = HTTPFields()
        if self.status == .unauthorized, request.headers[.authorization] != nil {
            headers[.wwwAuthenticate] = #"Basic realm="azure-emulator""#
        }
        return try .json(body, status: self.status, headers: headers)
    }
}
