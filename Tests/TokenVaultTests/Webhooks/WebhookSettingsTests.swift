import Foundation
import ProgramSupport
import TestSupport
import Testing
import VaultCore

@testable import TokenVault

struct WebhookSettingsTests {
    private let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    private func settings(_ url: String?, secret: String?, mode: Int = 0o600) throws -> WebhookSettings? {
        var environment: [String: String] = [:]
        environment["TOKEN_VAULT_WEBHOOK_URL"] = url
        if let secret {
            let path = self.directory.file("secret")
            try Data(secret.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            environment["TOKEN_VAULT_WEBHOOK_SECRET_FILE"] = path
        }
        return try WebhookSettings(environment: environment)
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"

    @Test func bothOrNeitherAreSet() throws {
        #expect(try self.settings(nil, secret: nil) == nil)
        #expect(try self.settings("https://example.com/hooks?a=b", secret: Self.secret) != nil)
        #expect(throws: ConfigurationError.self) { try self.settings("https://example.com/", secret: nil) }
        #expect(throws: ConfigurationError.self) { try self.settings(nil, secret: Self.secret) }
    }

    @Test(arguments: [
        "http://example.com/", "example.com", "https://u:p@example.com/", "https:///x", "https://example.com/#a",
    ])
    func anAddressThatCannotBeUsedIsNamed(url: String) {
        #expect(throws: ConfigurationError.self) { try self.settings(url, secret: Self.secret) }
    }

    @Test func aSecretThatOthersCanReadOrThatIsNoneIsRefusedAndNotShown() {
        for (secret, mode) in [(Self.secret, 0o644), ("whsec_short", 0o600), ("", 0o600)] {
            do {
                _ = try self.settings("https://example.com/", secret: secret, mode: mode)
                Issue.record("it was taken")
            } catch {
                #expect(!"\(error)".contains("whsec_short"))
                #expect(error is ConfigurationError)
            }
        }
    }
}
