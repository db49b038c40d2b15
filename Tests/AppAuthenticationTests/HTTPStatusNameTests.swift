import Testing

@testable import AppAuthentication

@Suite("HTTPStatusName")
struct HTTPStatusNameTests {
    @Test(arguments: [
        (400, "BadRequest"), (401, "Unauthorized"), (403, "Forbidden"), (404, "NotFound"), (408, "RequestTimeout"),
        (410, "Gone"), (429, "TooManyRequests"), (500, "InternalServerError"), (502, "BadGateway"),
        (503, "ServiceUnavailable"), (504, "GatewayTimeout"), (418, "418"), (599, "599"),
    ])
    func aStatusHasTheNameThatMessagesShow(status: Int, name: String) {
        #expect(HTTPStatusName.name(of: status) == name)
    }
}
