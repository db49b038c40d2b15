package import Foundation
package import HTTPTypes
import Mustache

/// A short page for a request that is not for the token: no such page, no such method, a mistake in the program.
package struct ErrorPage: Sendable, Equatable {
    package let status: HTTPResponse.Status
    package let lead: String
    package let requestID: String
    /// The address of the page with the token, on this site.
    package let home: String

    package init(_ status: HTTPResponse.Status, lead: String, requestID: String, home: String = "/") {
        self.status = status
        self.lead = lead
        self.requestID = requestID
        self.home = home
    }

    /// The page for programs.
    package var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Two strings can always be encoded.
        return (try? encoder.encode(["error": self.lead, "requestID": self.requestID])) ?? Data()
    }
}

extension ErrorPage: MustacheParent {
    package func child(named name: String) -> Any? {
        switch name {
        case "title": "\(self.status.code) \(self.status.reasonPhrase)"
        case "headline": self.status.reasonPhrase
        case "lead": self.lead
        case "requestID": self.requestID
        case "home": self.home
        default: nil
        }
    }
}
