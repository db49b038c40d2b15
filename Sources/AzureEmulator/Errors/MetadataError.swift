import HTTPTypes
import Hummingbird

/// An error as the Instance Metadata Service gives it; its status is always 400.
struct MetadataError: EmulatorError, Equatable {
    let error: String
    let reason: String
    var status: HTTPResponse.Status { .badRequest }

    init(error: String = "invalid_request", _ reason: String) {
        self.error = error
        self.reason = reason
    }

    private struct Body: Encodable {
        let error: String
        let description: String

        enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        try .json(Body(error: self.error, description: self.reason), status: self.status)
    }
}
