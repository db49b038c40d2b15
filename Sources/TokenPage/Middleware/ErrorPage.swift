package import HTTPTypes
import Mustache

/// A short page for a request that is not for the token: no such page, no such method, a mistake in the program.
package struct ErrorPage: Sendable, Equatable {
    package let status: HTTPResponse.Status
    package let lead: String
    package let requestID: String

    package init(_ status: HTTPResponse.Status, lead: String, requestID: String) {
        self.status = status
        self.lead = lead
        self.requestID = requestID
    }
}

extension ErrorPage: MustacheParent {
    package func child(named name: String) -> Any? {
        switch name {
        case "title": "\(self.status.code) \(self.status.reasonPhrase)"
        case "headline": self.status.reasonPhrase
        case "lead": self.lead
        case "requestID": self.requestID
        default: nil
        }
    }
}
