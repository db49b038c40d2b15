import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Testing

@testable import TokenPage
@testable import TokenVaultHummingbird

struct PageAddressTests {
    private func address(
        publicURL: String? = nil,
        authority: String = "localhost",
        isSecure: Bool = false,
        variables: [(name: String, value: String)] = []
    ) -> SiteAddress? {
        let head = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/")
        return PageAddress.site(
            publicURL: publicURL.flatMap { URL(string: $0) },
            request: Request(head: head, body: RequestBody(buffer: ByteBuffer())),
            context: GatewayRequestContext(
                source: .init(
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    isSecure: isSecure,
                    variables: MetaVariables(variables)
                )
            )
        )
    }

    @Test(arguments: [
        ("https://Page.example.com:443/", "https://page.example.com", 443),
        ("https://page.example.com:8443/a/", "https://page.example.com:8443", 8_443),
        ("HTTP://127.0.0.1:80/", "http://127.0.0.1", 80), ("http://[::1]:8080/", "http://[::1]:8080", 8_080),
    ])
    func itsOriginIsWrittenAsBrowsersDo(publicURL: String, origin: String, port: Int) {
        let address = self.address(publicURL: publicURL)
        #expect(address?.origin == origin)
        #expect(address?.port == port)
        #expect(address?.isProtected == true)
    }

    @Test func itIsTheOneThatWasAskedForBelowItsPrefix() {
        let prefix = [(name: "SCRIPT_NAME", value: "/cgi/page"), (name: "PATH_INFO", value: "/login")]
        let address = self.address(authority: "page.example.com", isSecure: true, variables: prefix)
        #expect(address?.home.absoluteString == "https://page.example.com/cgi/page/")
        #expect(self.address(authority: "")?.home == nil)
        #expect(self.address(authority: "page.example.com")?.isProtected == false)
    }

    @Test(arguments: ["user@page.example.com", "page.example.com/evil", "a b", "page.example.com?x", "x#y"])
    func whatIsNoHostMakesNoAddress(authority: String) {
        #expect(self.address(authority: authority) == nil)
    }
}
