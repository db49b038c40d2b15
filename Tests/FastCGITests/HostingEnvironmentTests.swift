import Foundation
import Testing

@testable import FastCGI

@Suite struct HostingEnvironmentTests {
    private static func mine(_ more: [String: String]) -> [String: String] {
        ["LISTEN_FDS": "1", "LISTEN_PID": String(getpid())].merging(more) { $1 }
    }

    @Test func theEnvironmentDecidesHowTheProgramRuns() {
        #expect(HostingEnvironment(["GATEWAY_INTERFACE": "CGI/1.1"]).mode == .cgi)
        #expect(HostingEnvironment([:]).mode == .commandLine)
        #expect(HostingEnvironment(["LISTEN_FDS": "1", "LISTEN_PID": "1"]).mode == .commandLine)
        #expect(HostingEnvironment(Self.mine([:])).mode == .inherited(descriptor: 3))
        #expect(HostingEnvironment(Self.mine(["LISTEN_FDS": "0"])).mode == .commandLine)
    }

    @Test func aSecondSocketIsNotLeftToWaitForEver() {
        let environment = Self.mine(["LISTEN_FDS": "2", "LISTEN_FDNAMES": "token-page.socket:admin"])
        #expect(HostingEnvironment(environment).mode == .severalSockets(names: ["token-page.socket", "admin"]))
    }

    @Test(arguments: [
        ("a.socket:credentials", 2, HostingMode.inherited(descriptor: 3), 4 as Int32?),
        ("credentials:a.socket", 2, .inherited(descriptor: 4), 3), ("credentials", 1, .commandLine, 3),
        ("a.socket", 1, .inherited(descriptor: 3), nil), ("", 1, .inherited(descriptor: 3), nil),
        ("a:credentials:b", 3, .severalSockets(names: ["a", "b"]), 4),
        // As many names as sockets, or they are not believed.
        ("credentials", 2, .severalSockets(names: ["credentials"]), nil),
        ("a:credentials", 1, .inherited(descriptor: 3), nil),
    ])
    func aSocketThatIsForSomethingElseIsFoundByItsName(
        names: String,
        count: Int,
        rest: HostingMode,
        descriptor: Int32?
    ) {
        let environment = HostingEnvironment(Self.mine(["LISTEN_FDS": "\(count)", "LISTEN_FDNAMES": names]))
        let apart = environment.settingApart(socketNamed: "credentials")
        #expect(apart.mode == rest)
        #expect(apart.descriptor == descriptor)
    }

    @Test func theSocketsOfSystemdAreNotForChildProcesses() {
        let environment = Self.mine([
            "LISTEN_FDNAMES": "x", "NOTIFY_SOCKET": "/run/systemd/notify", "WATCHDOG_PID": "1", "WATCHDOG_USEC": "1",
            "PATH": "/bin", "HTTP_PROXY": "http://proxy",
        ])
        #expect(HostingEnvironment(environment).settings == ["PATH": "/bin", "HTTP_PROXY": "http://proxy"])
    }

    @Test func theHeadersOfARequestAreNotForChildProcesses() {
        let settings = [
            "PATH": "/bin", "TOKEN_VAULT_URL": "https://vault.example.com/t", "https_proxy": "http://proxy:3128",
            "SSL_CERT_FILE": "/etc/ca.pem", "AZURE_CLIENT_ID": "id",
        ]
        let request = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil", "HTTP_COOKIE": "a=b",
            "HTTP_AUTHORIZATION": "Basic x", "QUERY_STRING": "a", "SCRIPT_NAME": "/x", "REMOTE_USER": "me",
            "SERVER_NAME": "example.com", "SSL_CLIENT_CERT": "x", "REDIRECT_STATUS": "200", "CONTENT_LENGTH": "1",
        ]
        let environment = HostingEnvironment(settings.merging(request) { $1 })
        #expect(environment.settings == settings)
        #expect(environment.variables.count == settings.count + request.count)
    }
}
