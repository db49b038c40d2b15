import Foundation
import Testing

@testable import AppAuthentication

@Suite(.serialized)
struct GSSAPINegotiationTests {
    @Test(arguments: [nil, 0, 1, 2])
    func everythingOfATicketIsGivenBackWhateverFails(failure: Int?) {
        FakeGSSAPI.reset(failure: failure)
        let ticket = try? GSSAPICredential.ticket(FakeGSSAPI.library)
        #expect((ticket == nil) == (failure != nil))
        #expect(FakeGSSAPI.calls == (failure ?? 2) + 1)
        #expect(FakeGSSAPI.live == 0)
        #expect(FakeGSSAPI.misuse == 0)
    }

    @Test(arguments: [nil, 0, 1, 2, 3, 4, 5])
    func everythingOfANegotiationIsGivenBackWhateverFails(failure: Int?) {
        FakeGSSAPI.reset(failure: failure)
        var hasFailed = false
        do {
            let negotiation = try GSSAPINegotiation(host: "adfs.contoso.com", library: FakeGSSAPI.library)
            #expect(negotiation.token.count == 1)
            // The context alone, until the negotiation ends.
            #expect(FakeGSSAPI.live == 1)
            try negotiation.verify(Data("proof".utf8))
            #expect(FakeGSSAPI.live == 1)
        } catch {
            hasFailed = true
        }
        #expect(hasFailed == (failure != nil))
        #expect(FakeGSSAPI.calls > failure ?? 5)
        #expect(FakeGSSAPI.live == 0)
        #expect(FakeGSSAPI.misuse == 0)
    }
}
