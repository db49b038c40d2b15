import Foundation
import TestSupport
import Testing

/// Logins at OAuth servers that others wrote, through a real browser, and what becomes of the tokens.
///
/// Beside the other end-to-end tests: each has servers of its own, and most of its time is waiting for tokens to expire.
@Suite(.enabled(if: getuid() == 0, "needs root, whose files have to allow a provider on this machine"))
struct OAuthServerTests {
    @Test(arguments: OAuthServerKind.all)
    func aGrantLivesFromALoginThroughRenewalsAndAnotherLoginUntilItIsTakenBack(kind: OAuthServerKind) async throws {
        try await OAuthLab.with(kind, OAuthLab.Options(lifetime: kind.lifetime)) { lab in
            let name = kind.description.replacingOccurrences(of: " ", with: "-").lowercased()
            let login = try await lab.makeToken("ada")
            #expect(try await lab.read("ada").code == "Unauthenticated")

            let refused = try await lab.logIn(at: login, answering: kind.deny)
            #expect(refused["error"] == "access_denied" && refused["code"] == nil, "\(refused)")
            #expect(try await lab.read("ada").code == "Unauthenticated")

            let back = try await lab.logIn(at: login, pictures: "login-\(name)")
            let saved = try await lab.save("ada", code: try #require(back["code"], "\(back)"))
            #expect(saved.status == 200, "\(saved.text)")
            let first = try await lab.readAndUse("ada")
            #expect(first.reading.state == "Ok")
            #expect(first.works)

            try await Self.watch(kind.renewals, of: lab, after: try #require(first.reading.accessToken))
            #expect(Set(lab.server.renewals) == ["200"], "\(lab.server.renewals)")
            // One refresh token lives, and none was used twice: that would have ended it.
            let report = try await lab.server.report()
            #expect(report.live >= 1)
            #expect(report.issued == lab.server.renewals.count + 1)

            let again = try await lab.logIn(at: login, answering: kind.asksEachTime ? kind.allow : [])
            #expect(try await lab.save("ada", code: try #require(again["code"], "\(again)")).status == 200)
            #expect(try await lab.readAndUse("ada").works)

            try await lab.takeBack()
            let limit = Duration.seconds(180)
            #expect(try await eventually(within: limit) { try await lab.read("ada").code == kind.stateAfterwards })
            #expect(try await lab.read("ada").accessToken == nil)

            let last = try await lab.logIn(at: login)
            #expect(try await lab.save("ada", code: try #require(last["code"], "\(last)")).status == 200)
            let (kept, works) = try await lab.readAndUse("ada")
            #expect(works)
            #expect(try await lab.delete("ada") == 200)
            // The server is told, so that nobody can go on with it: neither with the access token nor for another.
            let token = try #require(kept.accessToken)
            #expect(try await eventually { try await !lab.server.takes(token) })
            #expect(try await lab.server.report().live == 0)
        }
    }

    /// Uses a token as a program does, once a second, until it was renewed so many times.
    private static func watch(_ renewals: Int, of lab: OAuthLab, after first: String) async throws {
        var seen: Set = [first]
        let deadline = ContinuousClock.now + .seconds(120 + 60 * renewals)
        while lab.server.renewals.count < renewals || seen.count < 2 + renewals / 2 {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(lab.server.renewals.count) renewals, \(lab.stack.log("vault.log").suffix(3000))")
                return
            }
            let (reading, works) = try await lab.readAndUse("ada")
            #expect(works, "\(reading)")
            if let token = reading.accessToken { seen.insert(token) }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
