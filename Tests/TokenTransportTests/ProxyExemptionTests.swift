import Foundation
import Glibc
import TestSupport
import Testing
import TokenTransport

@Suite struct ProxyExemptionTests {
    private static let all = "localhost,127.0.0.1,127.0.0.0/8,::1,169.254.169.254,169.254.0.0/16"

    @Test(arguments: [
        (["http_proxy": "http://proxy:3128"], all),
        (["https_proxy": "http://proxy:3128"], all),
        (["HTTPS_PROXY": "http://proxy:3128"], all),
        (["ALL_PROXY": "socks5://proxy"], all),
        (["all_proxy": "socks5://proxy", "no_proxy": "", "NO_PROXY": ""], all),
        (["http_proxy": "p", "no_proxy": ".example.com, 10.0.0.1"], "example.com,10.0.0.1," + all),
        (["http_proxy": "p", "NO_PROXY": "a b"], "a,b," + all),
        (["http_proxy": "p", "no_proxy": "a", "NO_PROXY": "b"], "a," + all),
        (["http_proxy": "p", "no_proxy": "", "NO_PROXY": "b"], "b," + all),
        (
            ["http_proxy": "p", "no_proxy": "127.0.0.0/8,localhost"],
            "127.0.0.0/8,localhost,127.0.0.1,::1,169.254.169.254,169.254.0.0/16"
        ),
        (["http_proxy": "p", "no_proxy": "*.corp;Vault.corp:8443,[fd00::1]:80"], "corp,vault.corp,fd00::1," + all),
        (["http_proxy": "p", "IDENTITY_ENDPOINT": "http://10.1.2.3:8081/msi/token"], all + ",10.1.2.3"),
        (["http_proxy": "p", "MSI_ENDPOINT": "http://Sidecar:42/token\n"], all + ",sidecar"),
        (["https_proxy": "p", "AZURE_POD_IDENTITY_AUTHORITY_HOST": "nmi.kube:8080"], all + ",nmi.kube"),
        (
            ["all_proxy": "p", "IDENTITY_ENDPOINT": "http://[fd00::2]/", "IMDS_ENDPOINT": "http://a"],
            all + ",fd00::2,a"
        ),
        // libcurl takes an asterisk for everything only when it is all there is.
        (["http_proxy": "p", "no_proxy": "* "], "*"),
        (["http_proxy": "p", "no_proxy": "*,"], "*"),
        (["http_proxy": "p", "no_proxy": "*,corp"], "*"),
        (["http_proxy": "p", "NO_PROXY": "a, *"], "*"),
        (["http_proxy": "p", "no_proxy": " ,*"], "*"),
    ])
    func theExemptionsAreAdded(_ environment: [String: String], _ value: String) {
        #expect(ProxyExemption.noProxy(for: environment) == value)
    }

    @Test(arguments: [
        [:],
        ["no_proxy": "a"],
        ["http_proxy": ""],
        ["HTTP_PROXY": "http://attacker"],
        ["http_proxy": "p", "no_proxy": "*"],
        ["http_proxy": "p", "no_proxy": all],
    ])
    func nothingIsAddedWhereNothingIsMissing(_ environment: [String: String]) {
        #expect(ProxyExemption.noProxy(for: environment) == nil)
    }

    // The environment of a child process, so that no other test sees the change.

    @Test func withTheExemptionARequestToThisMachinePassesTheProxyBy() async {
        await #expect(processExitsWith: .success) {
            let proxied = try await requestsThroughAProxy(variable: "http_proxy") { ProxyExemption.apply() }
            exit(proxied == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test(arguments: ["* ", "*,", "*,corp"])
    func aListThatBeginsWithEverythingIsEverything(_ list: String) async {
        await #expect(processExitsWith: .success) { [list] in
            let proxied = try await requestsThroughAProxy(variable: "http_proxy") {
                setenv("no_proxy", list, 1)
                ProxyExemption.apply()
            }
            exit(proxied == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func aCredentialInTheClearIsNotSentThroughAProxyByALibraryEither() async {
        await #expect(processExitsWith: .success) {
            for header in ["Authorization", "X-IDENTITY-HEADER", "secret", "Metadata"] {
                do {
                    _ = try await requestsThroughAProxy(variable: "http_proxy", header: header) {}
                    exit(EXIT_FAILURE)
                } catch let error as TransportError {
                    guard error.reason == .insecureBearer, error.description.contains("no_proxy") else {
                        exit(EXIT_FAILURE)
                    }
                }
            }
            exit(EXIT_SUCCESS)
        }
    }

    /// Lists that mean this machine to a reader, and do not to libcurl.
    @Test(arguments: ["* ", "*,corp", "127.0.0.1;corp", "127.0.0.1:80", "0.0.0.0/0"])
    func aListThatLibcurlDoesNotUnderstandKeepsACredentialBack(_ list: String) async {
        await #expect(processExitsWith: .success) { [list] in
            do {
                _ = try await requestsThroughAProxy(variable: "http_proxy", header: "Authorization") {
                    setenv("no_proxy", list, 1)
                }
                exit(EXIT_FAILURE)
            } catch let error as TransportError {
                let says = error.description.contains("set no_proxy=127.0.0.1,")
                exit(error.reason == .insecureBearer && says ? EXIT_SUCCESS : EXIT_FAILURE)
            }
        }
    }

    @Test(arguments: ["*", "127.0.0.1", "corp, 127.0.0.1", "127.0.0.1 corp"])
    func aListThatLibcurlUnderstandsLetsACredentialGoStraightToThisMachine(_ list: String) async {
        await #expect(processExitsWith: .success) { [list] in
            let proxied = try await requestsThroughAProxy(variable: "http_proxy", header: "Authorization") {
                setenv("no_proxy", list, 1)
            }
            exit(proxied == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func withoutTheExemptionItWouldGoToTheProxy() async {
        await #expect(processExitsWith: .success) {
            let proxied = try await requestsThroughAProxy(variable: "http_proxy") {}
            exit(proxied == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func theVariableThatAClientCanSetThroughCGIIsNotRead() async {
        await #expect(processExitsWith: .success) {
            let proxied = try await requestsThroughAProxy(variable: "HTTP_PROXY") {}
            exit(proxied == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }
}

private func requestsThroughAProxy(
    variable: String,
    header: String? = nil,
    _ prepare: () -> Void
) async throws -> Int {
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
        unsetenv(name)
    }
    let proxy = try LoopbackServer(.text("proxy"))
    let server = try LoopbackServer(.text("server"))
    setenv(variable, proxy.url().absoluteString, 1)
    prepare()
    let response = try await URLSessionTransport().send(
        TransportRequest(url: server.url(), headers: header.map { [($0, "x")] } ?? [])
    )
    let requests = proxy.statistics.requestCount
    guard String(decoding: response.body, as: UTF8.self) == (requests == 0 ? "server" : "proxy") else { return -1 }
    return requests
}
