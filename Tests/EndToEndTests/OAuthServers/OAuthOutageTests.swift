import Foundation
import TestSupport
import Testing

extension OAuthServerTests.Trouble {
    @Test func aServerThatIsGoneForAWhileCostsNoLogin() async throws {
        try await OAuthLab.with(.djangoStrict) { lab in
            let back = try await lab.logIn(at: lab.makeToken("ada"))
            #expect(try await lab.save("ada", code: try #require(back["code"], "\(back)")).status == 200)
            // Just after a renewal, so that none is under way whose answer would be lost with the server.
            let first = try await lab.read("ada").accessToken
            #expect(try await eventually { ![nil, first].contains(try await lab.read("ada").accessToken) })
            await lab.server.stop()
            #expect(try await eventually { try await lab.read("ada").accessToken == nil })
            let reading = try await lab.read("ada")
            #expect(reading.code == "RenewalPending")
            try await lab.server.start()
            #expect(try await eventually(within: .seconds(180)) { try await lab.readAndUse("ada").works })
            #expect(try await lab.server.report().live == 1)
            #expect(Set(lab.server.renewals) == ["200"])
        }
    }

    @Test func anAnswerThatAGatewayLostIsAskedForAgainOnceAndNotBeforeTheTokenHasExpired() async throws {
        let options = OAuthLab.Options(lifetime: 30, settings: ["delay": 10], gatewaySeconds: 4)
        try await OAuthLab.with(.authlib, options) { lab in
            let back = try await lab.logIn(at: lab.makeToken("ada"))
            #expect(try await lab.save("ada", code: try #require(back["code"], "\(back)")).status == 200)
            let token = try await lab.read("ada").accessToken
            #expect(try await eventually { try await lab.read("ada").code == "Uncertain" })
            // nginx said 504 while the server made new tokens; the old one goes on until its end.
            let uncertain = try await lab.read("ada")
            #expect(uncertain.accessToken == token)
            #expect(try await eventually(within: .seconds(90)) { try await lab.read("ada").code == "LostRotation" })
            #expect(lab.server.renewals == ["200", "400"])
        }
    }
}
