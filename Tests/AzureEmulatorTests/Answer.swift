import Foundation
import HTTPTestSupport
import HTTPTypes
import Hummingbird
import NIOCore

/// A response with its body read.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let body: String

    init(_ response: Response) async throws {
        self.status = response.status.code
        self.headers = response.headers
        self.body = String(buffer: try await response.collectedBody())
    }

    /// The members of the JSON object, as text; a number as its digits.
    var json: [String: String] {
        let object = try? JSONSerialization.jsonObject(with: Data(self.body.utf8)) as? [String: Any]
        return (object ?? [:]).mapValues { "\($0)" }
    }
}
