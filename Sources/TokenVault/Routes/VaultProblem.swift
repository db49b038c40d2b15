import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import VaultAPI
import VaultCore

/// An answer that is an error: a status and `{"error":{"code","message"}}`.
struct VaultProblem: Error, Sendable, Equatable {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var headers = HTTPFields()
    /// What else is known of a token that has no value.
    var details: VaultTokenDetails?

    var response: Response {
        var headers = self.headers
        headers[.contentType] = JSONBody.contentType
        // Texts and times can always be encoded.
        let body = (try? JSONBody.encode(Body(problem: self))) ?? Data()
        return Response(status: self.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

private struct Body: Encodable {
    let error: [String: String]
    let details: VaultTokenDetails.Body?

    init(problem: VaultProblem) {
        self.error = ["code": problem.code, "message": problem.message]
        self.details = problem.details.map { VaultTokenDetails.Body($0, isPascalCase: false) }
    }
}

extension VaultProblem {
    /// What any error of a route is to its caller; what the operator has to know of it is logged.
    ///
    /// - Throws: `CancellationError`, since nobody waits for an answer then.
    init(_ error: any Error, logger: Logger) throws {
        switch error {
        case let problem as VaultProblem: self = problem
        case is CancellationError: throw CancellationError()
        case let error as HTTPError where error.status == .notFound: self = .noRoute
        case let denial as AccessDenial: self.init(denial)
        case let error as QuotaError: self.init(error)
        case let error as StoreError:
            logger.error(
                error.code == .full ? "The disk of the store is full" : "The store cannot be used",
                metadata: ["code": "\(error.code.rawValue)", "message": "\(error.reason)"]
            )
            self = error.code == .full ? .storeFull : .storeUnavailable
        default:
            // The type alone: an error from below might describe what it failed on.
            logger.error("A request failed", metadata: ["error": "\(type(of: error))"])
            self = .internalError
        }
    }

    /// The caller is not known (RFC 6750 section 3), or cannot be known now.
    init(_ failure: BearerFailure) {
        switch failure {
        case .missing:
            // Section 3.1: a request without a token gets no error code.
            self.init(status: .unauthorized, code: "Unauthorized", message: "A bearer token is needed.")
            self.headers[.wwwAuthenticate] = "Bearer"
        case .invalid(let reason):
            self.init(status: .unauthorized, code: "Unauthorized", message: reason)
            self.headers[.wwwAuthenticate] = "Bearer error=\"invalid_token\", error_description=\"\(reason)\""
        case .keysUnavailable:
            self.init(
                status: .serviceUnavailable,
                code: "IssuerUnavailable",
                message: "The keys of the token's issuer cannot be fetched; try again later."
            )
            self.headers[.retryAfter] = "5"
        }
    }

    init(_ denial: AccessDenial) {
        self =
            switch denial {
            case .forbidden(let missing): .forbidden(missing)
            case .noToken: .noToken
            case .noService: Self.missing("service")
            case .noPolicy: Self.missing("access policy")
            case .damagedCredential: .damagedCredential
            case .notRecorded: .storeFull
            case .throttled(let pause): .throttled(for: pause)
            }
    }

    /// Tells callers, whose tokens were verified, who they are and what would let them in.
    ///
    /// It is the same for what is there and what is not, whatever its name.
    static func forbidden(_ missing: MissingPermission) -> VaultProblem {
        VaultProblem(
            status: .forbidden,
            code: "Forbidden",
            message: "No access policy of this store allows the principal to do this. "
                + "Whoever administers the vault can allow it, with --service NAME for one service alone: "
                + missing.grant.command
        )
    }

    static let noToken = Self.missing("token")

    private static func missing(_ kind: String) -> VaultProblem {
        VaultProblem(status: .notFound, code: "NotFound", message: "The store has no such \(kind).")
    }

    /// The request itself is wrong.
    static func invalid(_ message: String) -> VaultProblem {
        VaultProblem(status: .badRequest, code: "InvalidRequest", message: message)
    }

    /// RFC 6585 section 4.
    static func throttled(for pause: Duration) -> VaultProblem {
        var problem = VaultProblem(
            status: .tooManyRequests,
            code: "TooManyRequests",
            message: "Requests come too fast: ask again after the time that Retry-After says."
        )
        let (seconds, rest) = pause.components
        problem.headers[.retryAfter] = "\(max(1, seconds + (rest > 0 ? 1 : 0)))"
        return problem
    }

    init(_ error: QuotaError) {
        self.init(
            status: .conflict,
            code: "QuotaExceeded",
            message: "The store may hold \(error.limit) \(error.kind.rawValue): delete one first, or have its "
                + "administrator allow more."
        )
    }

    static let noRoute = VaultProblem(status: .notFound, code: "NotFound", message: "There is nothing at this address.")

    /// 400, so that nobody takes it for a refusal of the caller's own token.
    init(_ status: VaultTokenResource.Status) {
        guard case .error(let code, let message) = status else {
            self = .internalError
            return
        }
        self.init(status: .badRequest, code: code, message: message)
    }

    /// Why there is no access token: 503 where it is worth it to ask again.
    init(_ token: TokenAccess.Token) {
        self.init(token.status)
        guard let retryAfter = token.retryAfter else { return }
        self = VaultProblem(status: .serviceUnavailable, code: self.code, message: self.message)
        self.headers[.retryAfter] = "\(max(1, retryAfter.components.seconds + 1))"
    }

    static let damagedCredential = VaultProblem(
        status: .internalServerError,
        code: "CredentialDamaged",
        message: "The stored credential does not open; it has to be imported again."
    )

    static let storeUnavailable = VaultProblem(
        status: .serviceUnavailable,
        code: "StoreUnavailable",
        message: "The store cannot be used at the moment; try again later.",
        headers: [.retryAfter: "5"]
    )

    /// 503 and not 507 (RFC 4918 section 11.5): it is no fault of the request, and passes.
    static let storeFull = VaultProblem(
        status: .serviceUnavailable,
        code: "StoreFull",
        message: "The disk of the vault is full, and no token is handed out without a record of it; try again later.",
        headers: [.retryAfter: "30"]
    )

    static let internalError = VaultProblem(
        status: .internalServerError,
        code: "InternalError",
        message: "Something went wrong; the log of the vault says what."
    )
}
