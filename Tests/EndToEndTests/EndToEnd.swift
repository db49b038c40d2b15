import Foundation
import TestSupport
import Testing

/// Real programs, real nginx, real browser; one after the other, since each test is a small machine of its own.
@Suite(.serialized) struct EndToEnd {}

extension Browser.Page {
    /// What a person reads: without tags, with single spaces.
    var visibleText: String {
        self.text.replacingOccurrences(of: "<[^>]*>", with: "", options: .regularExpression)
            .replacingOccurrences(of: "&#39;", with: "'").replacingOccurrences(of: "&quot;", with: "\"")
            .replacingOccurrences(of: "&amp;", with: "&")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension Stack {
    /// The page, as soon as a page that was just started answers.
    func pageWhenUp() async throws -> Browser.Page {
        _ = try await eventually { try await Browser.get(self.pageURL + "/healthz").status == 200 }
        return try await Browser.get(self.pageURL + "/")
    }

    /// An access token for the vault, of the identity that the page has.
    func bearer() async throws -> String {
        struct Answer: Decodable {
            let accessToken: String

            private enum CodingKeys: String, CodingKey {
                case accessToken = "access_token"
            }
        }
        let variables = try await self.identityVariables(for: "app-service")
        let ask = {
            try await Browser.get(
                "\(variables["IDENTITY_ENDPOINT"] ?? "")?api-version=2019-08-01&resource=https://tokenvault.azure.net",
                headers: ["X-IDENTITY-HEADER": variables["IDENTITY_HEADER"] ?? ""]
            )
        }
        _ = try await eventually { try await ask().status == 200 }
        let answer = try await ask()
        return try JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8)).accessToken
    }

    /// What a command of the vault prints.
    func vaultOutput(_ arguments: [String]) async throws -> String {
        let log = self.directory.appending(path: "output-\(UUID().uuidString)")
        try await self.vault(arguments, log: log)
        return try String(contentsOf: log, encoding: .utf8)
    }

    /// Lets another application of the emulator's directory read tokens.
    func grantAccess(appID: String) async throws {
        let command = try ChildProcess(
            Checkout.program("azure-emulator"),
            ["principal"],
            environment: ["AZURE_EMULATOR_STATE": self.path("emulator")],
            log: self.directory.appending(path: "principal-\(appID)")
        )
        _ = try await command.waitForEnd()
        let line = command.logText.split(separator: "\n").first { $0.contains(appID) } ?? ""
        let object = line.split(separator: " ").first { $0.hasPrefix("oid=") }?.dropFirst(4) ?? ""
        try await self.vault(
            ["policy", "grant", "--tenant", self.tenantID, "--object", String(object), "--permissions", "Get"]
        )
    }
}
