import Foundation
import TestSupport
import Testing

extension OAuthServerTests {
    @Test func fiftyReadersOfAnExpiredTokenCauseOneRenewalAtAServerThatEndsAGrantForTwo() async throws {
        try await OAuthLab.with(.djangoStrict, OAuthLab.Options(lifetime: 30)) { lab in
            let back = try await lab.logIn(at: lab.makeToken("ada"))
            #expect(try await lab.save("ada", code: try #require(back["code"], "\(back)")).status == 200)
            let old = try #require(try await lab.read("ada").accessToken)

            // The vault stands still while the token expires, and then sees all of them and its own clock at once.
            let vault = try lab.stack.process("vault")
            vault.signal(SIGSTOP)
            try await Task.sleep(for: .seconds(31))
            let before = lab.server.renewals.count
            let visits = try await lab.crowd(50, reading: "ada")
            #expect(visits.map(\.status) == Array(repeating: 200, count: 50))
            #expect(lab.server.renewals.count == before + 1, "\(lab.server.renewals)")
            let tokens = Set(visits.map { OAuthLab.Reading(json: $0.text.suffix(from: "\r\n\r\n") ?? "").accessToken })
            #expect(tokens.count == 1)
            #expect(tokens != [old])

            // The grant lives: what they got works, and so does what comes after it.
            #expect(try await lab.readAndUse("ada").works)
            #expect(try await eventually { lab.server.renewals.count >= before + 2 })
            #expect(try await lab.readAndUse("ada").works)
            #expect(Set(lab.server.renewals) == ["200"])
            #expect(try await lab.server.report().live == 1)
        }
    }
}

extension String {
    /// What comes after the first occurrence of a text.
    fileprivate func suffix(from text: String) -> String? {
        self.range(of: text).map { String(self[$0.upperBound...]) }
    }
}
