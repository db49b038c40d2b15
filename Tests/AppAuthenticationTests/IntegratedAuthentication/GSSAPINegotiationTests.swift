import Foundation
import Testing

@testable import AppAuthentication

@Suite(.serialized)
struct GSSAPINegotiationTests {
    @Test(arguments: [nil, 0, 1, 2])
    func everythingOfATicketIsGivenBackWhateverFails(failure: Int?) {
        FakeGSSAPI.reset(failure: failure)
        let ticket = try? GSSAPICredential.ticket(in: "FILE:/fake", owner: nil, FakeGSSAPI.library)
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
            let negotiation = try GSSAPINegotiation(
                host: "adfs.contoso.com",
                ticket: KerberosTicket(principal: "ann@CONTOSO.COM", cache: "FILE:/fake"),
                library: FakeGSSAPI.library
            )
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

    /// An alias whose node the library looked up, and has no service principal of its own.
    @Test func theProofOfAnAliasedServerIsCheckedByTheNameThatItsTicketIsFor() throws {
        FakeGSSAPI.reset(failure: nil, knowsOnlyVerbatimNames: true)
        let negotiation = try GSSAPINegotiation(
            host: "adfs.contoso.com",
            ticket: KerberosTicket(principal: "ann@CONTOSO.COM", cache: "FILE:/fake"),
            library: FakeGSSAPI.library
        )
        try negotiation.verify(Data("proof".utf8))
        // The realm is left open, so that the server may be in another one.
        let verbatim = "HTTP/adfs.contoso.com@"
        #expect(FakeGSSAPI.names == ["HTTP@adfs.contoso.com", verbatim, verbatim])
        #expect(FakeGSSAPI.misuse == 0)
    }

    @Test(arguments: [
        ("Success", false), ("Unknown error", false), ("Unknown code krb5 7", false), ("", false), ("No error", false),
        ("Unspecified GSS failure.  Minor code may provide more information", false),
        ("Clock skew too great", true), ("SPNEGO cannot find mechanisms to negotiate", true),
    ])
    func whatSaysNothingIsNoReason(text: String, isReason: Bool) {
        #expect(GSSAPIStatus.isReason(text) == isReason)
    }
}
