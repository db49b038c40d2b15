import HTTPTypes
import Hummingbird

/// An error as the managed identity endpoint of App Service gives it.
struct AppServiceError: EmulatorError, Equatable {
    let status: HTTPResponse.Status
    let reason: String

    init(_ status: HTTPResponse.Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    private struct Body: Encodable {
        let statusCode: Int
        let message: String
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        try .json(Body(statusCode: self.status.code, message: self.reason), status: self.status)
    }
}
