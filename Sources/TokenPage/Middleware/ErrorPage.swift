import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// A short page without a token: no such page, no such method, a mistake in the program, or what became of a login.
struct ErrorPage: Sendable, Equatable {
    let status: HTTPResponse.Status
    let headline: String
    let lead: String
    let requestID: String
    /// The address of the page with the token, on this site.
    let home: String
    /// Whether there is a link to log in.
    var offersLogin = false
    /// What the form holds that makes the vault forget the token; nil for a page without one.
    var confirmation: String?

    init(
        _ status: HTTPResponse.Status,
        headline: String? = nil,
        lead: String,
        requestID: String,
        home: String = "/"
    ) {
        self.status = status
        self.headline = headline ?? status.reasonPhrase
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

    /// The page in the form that the browser or program asked for.
    func response(to request: Request, templates: PageTemplates, headers: HTTPFields = HTTPFields()) -> Response {
        var headers = headers
        headers[.contentLength] = nil
        headers[.vary] = "Accept"
        let body: ByteBuffer
        switch AcceptHeader.preferredForm(request.headers[values: .accept]) {
        case .html:
            headers[.contentType] = "text/html; charset=utf-8"
            body = ByteBuffer(string: templates.render(self))
        case .json:
            headers[.contentType] = "application/json; charset=utf-8"
            body = ByteBuffer(bytes: self.json)
        }
        return Response(status: self.status, headers: headers, body: .init(byteBuffer: body))
    }
}

extension ErrorPage: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "title":
            self.headline == self.status.reasonPhrase ? "\(self.status.code) \(self.headline)" : self.headline
        case "headline": self.headline
        case "lead": self.lead
        case "requestID": self.requestID
        case "home": self.home
        case "offersLogin": self.offersLogin
        case "confirmation": self.confirmation
        default: nil
        }
    }
}
