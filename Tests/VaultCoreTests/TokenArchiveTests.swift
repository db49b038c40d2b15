import Foundation
import Testing

@testable import VaultCore

struct TokenArchiveTests {
    private static let passphrase = "correct horse battery staple"
    private static let token = ExportedToken(
        service: "dropbox",
        provider: "dropbox",
        name: "sample",
        displayName: "Sample",
        returnURLs: ["https://a.example/"],
        account: Account(subject: "1", label: "alice"),
        credential: Credential(
            accessToken: "the-access",
            expiresOn: Date(timeIntervalSince1970: 2_000_000_000),
            refreshToken: "the-refresh",
            extraValues: ["a": "b"],
            scopes: ["x"],
            configurationHash: "hash"
        ),
        isMoved: true
    )

    @Test func whatIsSealedOpensWithThePassphraseAlone() async throws {
        let archive = try await TokenArchive.seal([Self.token], passphrase: Self.passphrase, rounds: 1 << 14)
        for secret in ["the-access", "the-refresh", "alice", "dropbox", Self.passphrase] {
            #expect(archive.range(of: Data(secret.utf8)) == nil)
        }
        #expect(try await TokenArchive.open(archive, passphrase: Self.passphrase) == [Self.token])
        await #expect(throws: TokenArchive.Failure.doesNotOpen) {
            try await TokenArchive.open(archive, passphrase: Self.passphrase + " ")
        }
        #expect("\(Self.token)" == "<redacted>")
    }

    @Test func aNewArchiveCostsAGuesserWhatOWASPSays() async throws {
        let archive = try await TokenArchive.seal([Self.token], passphrase: Self.passphrase)
        let object = try #require(try JSONSerialization.jsonObject(with: archive) as? [String: Any])
        #expect(object["rounds"] as? Int == 131_072)
        #expect(object["blockSize"] as? Int == 8)
        #expect(object["parallelism"] as? Int == 1)
    }

    @Test func whatWasChangedDoesNotOpen() async throws {
        let archive = try await TokenArchive.seal([Self.token], passphrase: Self.passphrase, rounds: 1 << 14)
        let object = try #require(try JSONSerialization.jsonObject(with: archive) as? [String: Any])
        let changes: [(String, Any, TokenArchive.Failure)] = [
            ("salt", Data(count: 32).base64EncodedString(), .doesNotOpen),
            ("sealed", Data(count: 100).base64EncodedString(), .doesNotOpen),
            ("sealed", "", .doesNotOpen),
            ("parallelism", 2, .doesNotOpen),
            // Not one that takes all memory.
            ("rounds", 1 << 30, .unknownParameters), ("rounds", 100_000, .unknownParameters),
            ("rounds", 2, .unknownParameters), ("blockSize", 1 << 20, .unknownParameters),
            ("parallelism", 0, .unknownParameters), ("kdf", "md5", .unknownParameters),
            ("format", "token-vault export 2", .unknownParameters), ("salt", "", .unknownParameters),
            ("rounds", "x", .noArchive),
        ]
        for (name, value, failure) in changes {
            let changed = try JSONSerialization.data(withJSONObject: object.merging([name: value]) { $1 })
            await #expect(throws: failure, "\(name)") {
                try await TokenArchive.open(changed, passphrase: Self.passphrase)
            }
        }
        for text in ["", "[]", "{}", "no json"] {
            await #expect(throws: TokenArchive.Failure.noArchive) {
                try await TokenArchive.open(Data(text.utf8), passphrase: Self.passphrase)
            }
        }
    }
}
