import HTTPTypes
import Testing

@testable import TokenPage

@Suite struct IdentityTimeoutTests {
    @Test func whatIsInTimeIsReturned() async throws {
        #expect(try await IdentityTimeout.wait(limit: .seconds(60)) { 7 } == 7)
    }

    @Test func whatTakesTooLongIsCancelled() async {
        await #expect(throws: IdentityTimeout.self) {
            try await IdentityTimeout.wait(limit: .milliseconds(20)) {
                try await Task.sleep(for: .seconds(60))
            }
        }
    }

    @Test func anErrorOfTheBodyIsItsOwn() async {
        struct Broken: Error {}
        await #expect(throws: Broken.self) {
            try await IdentityTimeout.wait(limit: .seconds(60)) { throw Broken() }
        }
    }

    @Test func theCauseIsToldWithItsHeading() {
        #expect(PageError.identityTimeout.status == .gatewayTimeout)
        #expect(PageError.identityTimeout.message.contains("within 25 seconds"))
        #expect(PageError.identityTimeout.anchor == "identity-timeout")
    }
}
