import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import FastCGI

@Suite struct GatewayRequestTests {
    private static func request(
        _ variables: [(String, String)],
        interface: GatewayRequest.Interface = .fastCGI,
        body: String = ""
    ) -> GatewayRequest {
        GatewayRequest(interface: interface, variables: MetaVariables(variables), body: ByteBuffer(string: body))
    }

    @Test(arguments: [
        ([("REQUEST_URI", "/a%20b?x=1")], GatewayRequest.Interface.fastCGI, "/a%20b?x=1"),
        (
            [("REQUEST_URI", "/app/x?y"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/x"), ("QUERY_STRING", "y")],
            .fastCGI, "/x?y"
        ),
        ([("REQUEST_URI", "/x"), ("PATH_INFO", "")], .fastCGI, "/x"),
        ([("SCRIPT_NAME", "/only")], .fastCGI, "/only"),
        ([], .fastCGI, "/"),
        ([("REQUEST_URI", "*")], .fastCGI, "*"),
        ([("SCRIPT_NAME", "/cgi-bin/page"), ("REQUEST_URI", "/cgi-bin/page")], .cgi, "/"),
        ([("SCRIPT_NAME", "/cgi-bin/page"), ("PATH_INFO", "/healthz"), ("QUERY_STRING", "a=b")], .cgi, "/healthz?a=b"),
        ([("PATH_INFO", "/ü x?#%")], .cgi, "/%C3%BC%20x%3F%23%25"),
    ])
    func thePathIsTheOneInsideTheApplication(
        variables: [(String, String)],
        interface: GatewayRequest.Interface,
        path: String
    ) throws {
        let request = Self.request([("REQUEST_METHOD", "GET")] + variables, interface: interface)
        #expect(try request.httpRequest().path == path)
    }

    @Test func headerFieldsComeFromVariables() throws {
        let request = try Self.request(
            [
                ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_ACCEPT_LANGUAGE", "de"),
                ("CONTENT_TYPE", "text/plain"), ("CONTENT_LENGTH", "2"), ("HTTP_HOST", "example.com:8080"),
                ("HTTPS", "on"), ("HTTP_COOKIE", "a=b"), ("REMOTE_ADDR", "127.0.0.1"), ("HTTP_ACCEPT_LANGUAGE", "en"),
            ],
            body: "hi"
        ).httpRequest()
        #expect(request.method == .post)
        #expect(request.scheme == "https")
        #expect(request.authority == "example.com:8080")
        #expect(request.headerFields[values: .acceptLanguage] == ["en"])
        #expect(request.headerFields[.contentType] == "text/plain")
        #expect(request.headerFields[.contentLength] == "2")
        #expect(request.headerFields[.cookie] == "a=b")
        #expect(request.headerFields.count == 4)
    }

    /// A body comes whole, whatever its coding on the way was.
    @Test func theCodingOfTheBodyIsNoHeaderOfTheRequest() throws {
        let variables = [("REQUEST_METHOD", "GET"), ("HTTP_TRANSFER_ENCODING", "chunked"), ("HTTP_TE", "trailers")]
        let request = try Self.request(variables).httpRequest()
        #expect(request.headerFields[.transferEncoding] == nil)
        #expect(request.headerFields.count == 1)
    }

    @Test func aProxyHeaderIsDropped() throws {
        let request = try Self.request([("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1")]).httpRequest()
        #expect(request.headerFields.isEmpty)
    }

    @Test(arguments: [
        ([("REQUEST_URI", "/")], "REQUEST_METHOD is missing"),
        ([("REQUEST_METHOD", "")], "REQUEST_METHOD is missing"),
        ([("REQUEST_METHOD", "G T")], "REQUEST_METHOD is not a method"),
        ([("REQUEST_METHOD", "GET"), ("CONTENT_LENGTH", "x")], "CONTENT_LENGTH is not a number"),
        ([("REQUEST_METHOD", "GET"), ("CONTENT_LENGTH", "-1")], "CONTENT_LENGTH is not a number"),
        ([("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "9")], "the body is shorter than CONTENT_LENGTH"),
        ([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "http://x/")], "REQUEST_URI is not a path"),
    ])
    func whatIsMissingOrWrongIsNamed(variables: [(String, String)], reason: String) {
        let error = #expect(throws: GatewayRequest.Malformed.self) {
            try Self.request(variables, body: "short").httpRequest()
        }
        #expect(error?.description == reason)
    }

    @Test func bytesThatAreNotTextDoNoHarm() throws {
        var variables = MetaVariables()
        let entries: [[UInt8]] = [
            Array("REQUEST_METHOD=GET".utf8), Array("REQUEST_URI=/?".utf8) + [0xFF, 0xFE],
            Array("HTTP_X=".utf8) + [0xC3],
            [0xFF, 0xFF], Array("=x".utf8), [], Array("HTTP_=y".utf8), Array("HTTP_\u{1}=z".utf8),
        ]
        for entry in entries {
            entry.withUnsafeBufferPointer { variables.append(entry: $0) }
        }
        let request = GatewayRequest(interface: .fastCGI, variables: variables, body: ByteBuffer())
        let head = try request.httpRequest()
        #expect(head.path == "/?\u{FFFD}\u{FFFD}")
    }

    @Test func anOverrideBehindAnIncludeCounts() throws {
        let names = [
            "REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE", "HTTPS", "HTTP_HOST", "HTTP_ACCEPT", "HTTP_COOKIE",
            "REMOTE_ADDR",
        ]
        let first = ["POST", "/a", "text/a", "on", "a", "a/a", "a=a", "192.0.2.1"]
        let last = ["PUT", "/b", "text/b", "", "b", "b/b", "b=b", "192.0.2.2"]
        let request = Self.request(Array(zip(names, first)) + Array(zip(names, last)))
        let head = try request.httpRequest()
        #expect(head.method == .put)
        #expect(head.path == "/b")
        #expect(head.scheme == "http")
        #expect(head.authority == "b")
        #expect(head.headerFields == [.accept: "b/b", .cookie: "b=b", .contentType: "text/b"])
        #expect(request.variables["REMOTE_ADDR"] == "192.0.2.2")
        #expect(request.variables.repeatedNames == names)
    }

    @Test(arguments: [
        (["Bearer a", "Bearer b"], nil), (["Bearer a", "Bearer a"], "Bearer a"), (["Bearer a", ""], ""),
        (["", "Bearer a"], "Bearer a"), (["Bearer a", "", "Bearer b"], nil),
        (["", "Bearer a", "", "", "Bearer b"], nil),
        (["Bearer a", "", "Bearer a"], "Bearer a"), (["Bearer a", "Bearer b", "Bearer a"], nil),
        (["Bearer a", "Bearer b", ""], nil), (["Bearer a", "", ""], ""), (["", "", "Bearer a"], "Bearer a"),
    ])
    func twoAuthorizationsThatDifferAreRefused(values: [String], expected: String?) {
        let variables = [("REQUEST_METHOD", "GET")] + values.map { ("HTTP_AUTHORIZATION", $0) }
        let value = try? Self.request(variables).httpRequest().headerFields[.authorization]
        #expect(value == expected)
    }

    @Test(arguments: ["GET", "HEAD"])
    func thePageIsShownWhereTheWebServerKeptTheBodyForItself(method: String) throws {
        let request = Self.request([("REQUEST_METHOD", method), ("CONTENT_LENGTH", "77")])
        let head = try request.httpRequest()
        #expect(head.headerFields[.contentLength] == nil)
    }
}
