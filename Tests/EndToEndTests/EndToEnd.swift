import Foundation
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
