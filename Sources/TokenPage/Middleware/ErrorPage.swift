import Foundation
import HTTPTypes
import Mustache

/// A short page for a request that is not for the token: no such page, no such method, a mistake in the program.
struct ErrorPage: Sendable, Equatable {
    let status: HTTPResponse.Status
    let lead: String
    let requestID: String
    /// The address of the page with the token, on this site.
    let home: String

    init(_ status: HTTPResponse.Status, lead: String, requestID: String, home: String = "/") {
        self.status = status
        self.lead = lead
        self.requestID = requestID
        self.home = home
    }

    /// The page for programs.
    var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Two strings can always be encoded.
        return (try? encoder.encode(["error": self.lead, "requestID": self.requestID])) ?? Data()
    }
}

extension ErrorPage: MustacheParent {
    func child(named name: String) -> Any? {
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
