import Foundation
import TestSupport
import Testing

extension OAuthServerTests.Trouble {
    @Test func aServerThatIsGoneForAWhileCostsNoLogin() async throws {
        try await OAuthLab.with(.djangoStrict) { lab in
            let back = try await lab.logIn(at: lab.makeToken("ada"))
            #expect(try await lab.save("ada", code: try #require(back["code"], "\(back)")).status == 200)
            await lab.server.stop()
            #expect(try await eventually { try await lab.read("ada").accessToken == nil })
            let reading = try await lab.read("ada")
            #expect(reading.code == "RenewalPending")
            try await lab.server.start()
            #expect(try await eventually(within: .seconds(90)) { try await lab.readAndUse("ada").works })
            #expect(try await lab.server.report().live == 1)
            #expect(Set(lab.server.renewals) == ["200"])
        }
    }

    @Test func anAnswerThatAGatewayLostIsAskedForAgainOnceAndNotBeforeTheTokenHasExpired() async throws {
        let options = OAuthLab.Options(lifetime: 14, settings: ["delay": 3], gatewaySeconds: 1)
        try await OAuthLab.with(.authlib, options) { lab in
            let back = try await lab.logIn(at: lab.makeToken("ada"))
            #expect(try await lab.save("ada", code: try #require(back["code"], "\(back)")).status == 200)
            let token = try await lab.read("ada").accessToken
            #expect(try await eventually { try await lab.read("ada").code == "Uncertain" })
            // nginx said 504 while the server made new tokens; the old one goes on until its end.
            let uncertain = try await lab.read("ada")
            #expect(uncertain.accessToken == token)
            #expect(try await eventually(within: .seconds(60)) { try await lab.read("ada").code == "LostRotation" })
            #expect(lab.server.renewals == ["200", "400"])
        }
    }
}
