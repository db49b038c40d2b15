import Testing

@testable import AppAuthentication

struct KerberosTicketsTests {
    @Test func aMachineWithoutTheLibraryHasNoTickets() async throws {
        // A limit that nothing waits for: it would be another error.
        let tickets = KerberosTickets(libraryName: "libnothing.so.0", limit: .seconds(120))
        await #expect(throws: KerberosError.noLibrary) {
            try await tickets.negotiation(
                withHost: "adfs.contoso.com",
                ticket: KerberosTicket(principal: "ann@CONTOSO.COM", cache: "FILE:/fake")
            )
        }
        for _ in 0..<20 {
            await #expect(throws: KerberosError.noLibrary) { try await tickets.ticket(of: nil) }
        }
    }

    @Test func aLibraryThatIsNotKerberosIsNone() async throws {
        await #expect(throws: KerberosError.noLibrary) {
            try await KerberosTickets(libraryName: "libc.so.6").ticket(of: nil)
        }
    }
}
