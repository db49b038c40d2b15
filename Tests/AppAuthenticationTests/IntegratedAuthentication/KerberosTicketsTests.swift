import Testing

@testable import AppAuthentication

struct KerberosTicketsTests {
    @Test func aMachineWithoutTheLibraryIsToldWhatToInstallAtOnce() async throws {
        let tickets = KerberosTickets(libraryName: "libnothing.so.0")
        await #expect(throws: KerberosError.noLibrary) { try await tickets.negotiation(withHost: "adfs.contoso.com") }
        // The quickest of several, because other tests run at the same time.
        var times: [Duration] = []
        for _ in 0..<20 {
            let start = ContinuousClock.now
            await #expect(throws: KerberosError.noLibrary) { try await tickets.ticket() }
            times.append(ContinuousClock.now - start)
        }
        #expect(times.min() ?? .seconds(1) < .milliseconds(20))
    }

    @Test func aLibraryThatIsNotKerberosIsNone() async throws {
        await #expect(throws: KerberosError.noLibrary) { try await KerberosTickets(libraryName: "libc.so.6").ticket() }
    }
}
