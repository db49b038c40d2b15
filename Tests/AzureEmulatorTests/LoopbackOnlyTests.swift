import Testing

@testable import AzureEmulator

@Suite
struct LoopbackOnlyTests {
    @Test(arguments: ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1", "unix:"])
    func thisMachineIsAnswered(address: String) async throws {
        let answer = try await EmulatorFixture.shared.value.get(
            "/\(EmulatorFixture.tenant)/discovery/keys",
            from: address
        )
        #expect(answer.status == 200)
    }

    @Test(arguments: [
        "10.0.0.1", "128.0.0.1", "127.0.0", "127.0.0.1.evil.example", "127.0.0.256", "::2", "::ffff:10.0.0.1", "", nil,
    ])
    func everyoneElseIsTurnedAway(address: String?) async throws {
        let fixture = try await EmulatorFixture.shared.value
        for path in ["/\(EmulatorFixture.tenant)/discovery/keys", "/nothing"] {
            let answer = try await fixture.get(path, from: address)
            #expect(answer.status == 403)
            #expect(answer.json["error_description"]?.hasSuffix(".") == true)
        }
    }
}
