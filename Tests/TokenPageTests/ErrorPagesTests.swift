import FastCGI
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import TokenPage

struct ErrorPagesTests {
    @Test(arguments: [
        (HTTPRequest.Method.get, "/nothing", 404), (.post, "/", 405), (.get, "/healthz/", 404), (.get, "//", 404),
    ])
    func aProgramThatAskedForJSONGetsJSON(method: HTTPRequest.Method, path: String, status: Int) async throws {
        let visit = try PageVisit { _ in .vault(token: "sl.fresh") }
        let answer = try await visit.get(path, method: method, accept: "application/json")
        #expect(answer.status == status)
        #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        let body = try JSONDecoder().decode([String: String].self, from: Data(answer.body.utf8))
        #expect(body["error"]?.isEmpty == false)
        let page = try await visit.get(path, method: method, accept: "text/html,application/xhtml+xml")
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test(arguments: [
        ("/token-page", "/nothing", "/token-page/"), ("", "/nothing", "/"), ("/nothing", "", "/"),
        ("//evil.example", "/nothing", "/"), ("/a\"b", "/nothing", "/a&quot;b/"),
    ])
    func backToTheTokenLeadsBelowThePrefix(scriptName: String, pathInfo: String, home: String) async throws {
        let answer = try await PageVisit(vault: { _ in .vault(token: "sl.fresh") }).get(
            "/nothing",
            variables: [("SCRIPT_NAME", scriptName), ("PATH_INFO", pathInfo)]
        )
        #expect(answer.status == 404)
        #expect(answer.body.contains(#"<a href="\#(home)">Back to the token</a>"#), "\(answer.body)")
    }
}
