import AppAuthentication
import Foundation
import TestSupport
import Testing
import TokenTransport
import TokenVaultClient

@testable import TokenPage

@Suite(.timeLimit(.minutes(5))) struct TokenVaultCallerTests {
    private static func accessToken(_ token: String) -> AccessToken {
        AccessToken(
            token: token,
            expiresOn: Date() + 3_600,
            principal: Principal(kind: .app, appID: "app-1", tenantID: "tenant-1")
        )
    }

    private static func caller(_ transport: FakeTransport, maxCalls: Int, sharing: Bool = true) throws
        -> TokenVaultCaller
    {
        let url = try #require(URL(string: "https://vault.example/services/dropbox/tokens/sample"))
        return TokenVaultCaller(
            client: CoalescingVaultClient(
                client: try VaultClient(tokenURL: url, transport: transport, timeout: .seconds(10)),
                maxCalls: maxCalls,
                sharing: sharing
            )
        )
    }

    private static func bearer(_ request: TransportRequest) -> String {
        request.headers.first { $0.name == "Authorization" }?.value ?? ""
    }

    @Test(arguments: [true, false])
    func anOldAndANewAccessTokenShareTheCallsThatTheVaultWasPromised(_ sharing: Bool) async throws {
        let gate = Gate()
        let transport = FakeTransport { request in
            _ = try await gate.pass()
            return .vault(token: Self.bearer(request).hasSuffix("azure-old") ? "sl.1" : "sl.2")
        }
        let vault = try Self.caller(transport, maxCalls: 4, sharing: sharing)
        let tokens = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for number in 0..<60 {
                let bearer = number.isMultiple(of: 2) ? "azure-old" : "azure-new"
                group.addTask {
                    let token = try await vault.token(for: Self.accessToken(bearer), until: PageDeadline())
                    return (bearer, token.value.accessToken)
                }
            }
            // None of them ends before as many have begun as may.
            #expect(try await eventually { gate.statistics.running == 4 })
            gate.openAll()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens.count == 60)
        for (bearer, token) in tokens { #expect(token == (bearer == "azure-old" ? "sl.1" : "sl.2")) }
        #expect(gate.statistics.most == 4)
    }

    @Test func withoutSharingPagesBeyondTheQueueAreToldAtOnce() async throws {
        let transport = FakeTransport { _ in
            try await Task.sleep(for: .seconds(60))
            return .vault(token: "never")
        }
        let vault = try Self.caller(transport, maxCalls: 1, sharing: false)
        let refusals = Box<[VaultError]>([])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    do {
                        _ = try await vault.token(for: Self.accessToken("t"), until: PageDeadline())
                    } catch let error as VaultError {
                        refusals.withLock { $0.append(error) }
                    } catch {}
                }
            }
            _ = try? await eventually { refusals.value.count >= 13 }
            #expect(transport.requests.count == 1)
            group.cancelAll()
        }
        // One call runs, sixteen wait.
        #expect(refusals.value.count == 13)
        #expect(refusals.value.allSatisfy { $0.code == .busy && $0.httpStatus == 503 })
    }

    @Test func aPageThatIsOutOfTimeIsToldSo() async throws {
        let transport = FakeTransport { _ in
            try await Task.sleep(for: .seconds(60))
            return .vault(token: "never")
        }
        let vault = try Self.caller(transport, maxCalls: 1)
        let error = await #expect(throws: VaultError.self) {
            try await vault.token(for: Self.accessToken("t"), until: PageDeadline(limit: .milliseconds(100)))
        }
        #expect(error?.code == .timedOut)
        #expect(
            error?.description == "The vault gave no token within the 0.1 seconds that a page may take in all."
        )
    }
}
