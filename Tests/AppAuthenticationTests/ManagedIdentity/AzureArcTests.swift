import Foundation
import GuardedFiles
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

@Suite("Azure Arc")
struct AzureArcTests {
    private static let notAcquired =
        "Tried to get token using Managed Service Identity. Access token could not be acquired. "

    /// The directory of the agent, in a temporary one; it goes away with the test.
    private final class Agent: Sendable {
        let directory: String

        init() throws {
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("arc-\(UUID().uuidString)/tokens")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            self.directory = url.path
        }

        deinit {
            try? FileManager.default.removeItem(atPath: "\(self.directory)/..")
        }

        func write(_ content: String, to name: String) throws {
            try Data(content.utf8).write(to: URL(fileURLWithPath: "\(self.directory)/\(name)"))
        }

        func credential(
            _ transport: any HTTPTransport,
            id: ManagedIdentityID = .systemAssigned,
            endpoint: String = "http://localhost:40342/metadata/identity/oauth2/token"
        ) -> ManagedIdentityCredential {
            var credential = ManagedIdentityCredential(
                id: id,
                role: .requested,
                dependencies: .fake(
                    environment: ["IDENTITY_ENDPOINT": endpoint, "IMDS_ENDPOINT": "http://localhost:40342"],
                    transport: transport
                )
            )
            credential.arcKeyDirectory = self.directory
            return credential
        }
    }

    private static func challenge(_ path: String) -> Result<TransportResponse, TransportError> {
        .success(Sample.answer(401, headers: [("WWW-Authenticate", "Basic realm=\(path)")]))
    }

    private static func token(_ identity: String = "") -> Result<TransportResponse, TransportError> {
        .success(Sample.answer(200, "{\"access_token\":\"\(Sample.appToken)\",\"expires_in\":3600\(identity)}"))
    }

    @Test func theKeyInTheFileOpensTheAgent() async throws {
        let agent = try Agent()
        try agent.write("k3y-content==", to: "a.key")
        let transport = FakeTransport([Self.challenge("\(agent.directory)/a.key"), Self.token()])
        let token = try await agent.credential(transport).token(for: Sample.context())
        #expect(token.principal.appID == Sample.appID)
        let requests = transport.requests
        #expect(requests.map { $0.headers.map(\.name) } == [["Metadata"], ["Metadata", "Authorization"]])
        #expect(requests.last?.headers.last?.value == "Basic k3y-content==")
        #expect(Set(requests.map(\.url.absoluteString)).count == 1)
        #expect(requests.first?.url.query() == "resource=https://vault.azure.net/&api-version=2020-06-01")
    }

    @Test func theKeyGoesToNoOtherMachineOverHTTP() async throws {
        let agent = try Agent()
        try agent.write("k3y-content==", to: "a.key")
        let transport = FakeTransport([Self.challenge("\(agent.directory)/a.key"), Self.token()])
        let credential = agent.credential(transport, endpoint: "http://arc.example:40342/metadata/identity")
        let error = await #expect(throws: CredentialFailure.self) { try await credential.token(for: Sample.context()) }
        #expect(error?.reason.contains("A credential is not sent to http://arc.example:") == true)
        #expect(transport.requests.map { $0.headers.map(\.name) } == [["Metadata"]])
    }

    @Test(arguments: [200, 400, 403])
    func aFirstAnswerThatIsNoChallengeIsRefused(status: Int) async throws {
        let agent = try Agent()
        let transport = FakeTransport([.success(Sample.answer(status, "{\"access_token\":\"x\"}"))])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(error?.reason.hasPrefix(Self.notAcquired) == true)
        #expect(error?.reason.contains("with the status \(status); expected a 401") == true)
        #expect(transport.requests.count == 1)
    }

    /// What stands in the header, where `DIR` is the directory of the agent.
    @Test(
        arguments: [
            nil, "", "Basic", "Bearer realm=DIR/a.key", "Basic realm", "Basic realm=", "Basic realm=a.key",
            "Basic realm=/etc/shadow", "Basic realm=/etc/shadow.key", "Basic realm=DIR/a.txt", "Basic realm=DIR/a",
            "Basic realm=DIR/.key", "Basic realm=DIR/../dependencies.key", "Basic realm=DIR/sub/a.key",
            "Basic realm=DIR/sub/../a.key", "Basic realm=DIRECTORY/a.key", "Basic realm=//DIR/a.key",
            "Basic realm=DIR/a.key, Basic realm=DIR/b.txt",
        ] as [String?]
    )
    func aChallengeThatNamesAnotherFileIsRefused(header: String?) async throws {
        let agent = try Agent()
        try agent.write("key", to: "a.key")
        try agent.write("key", to: "../dependencies.key")
        let headers = header.map { [("WWW-Authenticate", $0.replacing("DIR", with: agent.directory))] } ?? []
        let transport = FakeTransport([.success(Sample.answer(401, headers: headers)), Self.token()])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(error?.reason.hasPrefix(Self.notAcquired + "The agent of Azure Arc ") == true)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: ["missing", "link", "directory", "large", "empty", "binary", "two lines"])
    func aFileThatIsNoKeyIsNotSent(kind: String) async throws {
        let agent = try Agent()
        let path = "\(agent.directory)/a.key"
        switch kind {
        case "link":
            try agent.write("key", to: "target")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(agent.directory)/target")
        case "directory": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        case "large": try agent.write(String(repeating: "a", count: 4_097), to: "a.key")
        case "empty": try agent.write(" \n", to: "a.key")
        case "binary": try agent.write("a\u{1}b", to: "a.key")
        case "two lines": try agent.write("a\r\nX: b", to: "a.key")
        default: break
        }
        let transport = FakeTransport([Self.challenge(path), Self.token()])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(error?.reason.hasPrefix(Self.notAcquired) == true)
        #expect(error?.reason.contains(path) == true)
        #expect(transport.requests.count == 1)
    }

    @Test func aFolderThatIsNotThereHasARemedy() async throws {
        let agent = try Agent()
        try FileManager.default.removeItem(atPath: agent.directory)
        let transport = FakeTransport([Self.challenge("\(agent.directory)/a.key"), Self.token()])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(error?.reason.contains("No such file or directory. The agent of Azure Arc has put it there") == true)
        #expect(error?.reason.contains("a container has to mount it") == true)
    }

    @Test func aKeyOfAnotherGroupHasARemedy() throws {
        #expect(AzureArcKeyFile.remedy(.unreadable(code: EACCES)).contains("usermod -aG himds USER"))
        #expect(AzureArcKeyFile.remedy(.unreadable(code: EACCES)).contains("SupplementaryGroups=himds"))
    }

    @Test func anAgentThatIsDeadHasARemedy() async throws {
        let agent = try Agent()
        let transport = FakeTransport([.failure(TransportError(.connection, "Connection refused"))])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(
            error?.reason.contains(
                "The agent of Azure Arc does not answer at localhost:40342: start it with systemctl start himdsd"
            ) == true
        )
    }

    @Test func theLargestKeyIsSent() async throws {
        let agent = try Agent()
        try agent.write(String(repeating: "a", count: 4_096), to: "a.key")
        let transport = FakeTransport([Self.challenge("\(agent.directory)/a.key"), Self.token()])
        _ = try await agent.credential(transport).token(for: Sample.context())
        #expect(transport.requests.last?.headers.last?.value.count == 4_096 + "Basic ".count)
    }

    @Test(
        arguments: [
            (.clientID("ABC"), ",\"client_id\":\"abc\"", true),
            (.clientID("abc"), "", false),
            (.clientID("abc"), ",\"client_id\":\"other\"", false),
            (.objectID("o"), ",\"object_id\":\"O\"", true),
            (.objectID("o"), ",\"client_id\":\"o\"", false),
            (.resourceID("/R"), ",\"msi_res_id\":\"/r\"", true),
            (.resourceID("/R"), ",\"mi_res_id\":\"/r\"", true),
            (.resourceID("/R"), ",\"msi_res_id\":\"/other\"", false),
            (.systemAssigned, "", true),
        ] as [(ManagedIdentityID, String, Bool)]
    )
    func theTokenHasToBeOfTheIdentityThatWasAskedFor(id: ManagedIdentityID, said: String, isUsed: Bool) async throws {
        let agent = try Agent()
        try agent.write("key", to: "a.key")
        let transport = FakeTransport([Self.challenge("\(agent.directory)/a.key"), Self.token(said)])
        if isUsed {
            _ = try await agent.credential(transport, id: id).token(for: Sample.context())
        } else {
            let error = await #expect(throws: CredentialFailure.self) {
                try await agent.credential(transport, id: id).token(for: Sample.context())
            }
            #expect(error?.reason.contains("does not say that its token is that of \(id)") == true)
            #expect(error?.reason.contains(Sample.appToken) == false)
        }
    }

    @Test func aKeyThatTheAgentRefusesIsNotInTheError() async throws {
        let agent = try Agent()
        try agent.write("k3y-content", to: "a.key")
        let transport = FakeTransport([
            Self.challenge("\(agent.directory)/a.key"), .success(Sample.answer(401, "no: k3y-content")),
        ])
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport).token(for: Sample.context())
        }
        #expect(error?.reason.contains("MSI ResponseCode: Unauthorized") == true)
        #expect(error?.reason.contains("k3y") == false)
    }

    @Test func overRealSocketsTheChallengeAndTheKeyArrive() async throws {
        let agent = try Agent()
        try agent.write("k3y\n", to: "a.key")
        let path = "\(agent.directory)/a.key"
        let server = try LoopbackServer { request in
            guard request.values(of: "Metadata") == ["true"] else { return .text("refused", status: 400) }
            guard request.values(of: "Authorization") == ["Basic k3y"] else {
                return .response(status: 401, headers: [("WWW-Authenticate", "Basic realm=\(path)")], body: Data())
            }
            return .json("{\"access_token\":\"\(Sample.appToken)\",\"expires_in\":3600}")
        }
        defer { server.stop() }
        let credential = agent.credential(URLSessionTransport(), endpoint: server.url("/metadata/token").absoluteString)
        #expect(try await credential.token(for: Sample.context()).principal.appID == Sample.appID)
        #expect(server.statistics.requestCount == 2)
    }

    @Test func theKeyGoesToNoOtherMachine() async throws {
        let agent = try Agent()
        try agent.write("key", to: "a.key")
        let path = "\(agent.directory)/a.key"
        let transport = FakeTransport { request in
            // As the transport of the process does.
            try BearerPolicy.check(request)
            return try Self.challenge(path).get()
        }
        let error = await #expect(throws: CredentialFailure.self) {
            try await agent.credential(transport, endpoint: "http://example.com/token").token(for: Sample.context())
        }
        #expect(error?.reason.contains("A credential is not sent to http://example.com") == true)
    }
}
