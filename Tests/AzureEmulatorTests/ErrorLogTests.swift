import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct ErrorLogTests {
    @Test
    func everyRefusalIsOneLineWithItsReasonAndWithoutSecrets() async throws {
        let fixture = try await EmulatorFixture.shared.value
        let log = LogCapture()
        let logger = log.logger
        let tenant = EmulatorFixture.tenant
        _ = try await fixture.get("/msi/token?api-version=2019-08-01", ["X-IDENTITY-HEADER": "hush"], logger: logger)
        _ = try await fixture.get("/nothing?client_secret=hush", logger: logger)
        _ = try await fixture.post(
            "/\(tenant)/oauth2/token",
            "grant_type=client_credentials&resource=https://r&client_id=a%0Ab&client_secret=hush",
            logger: logger
        )
        _ = try await fixture.get("/metadata/instance", from: "10.1.2.3", logger: logger)
        let all = log.lines
        #expect(all.count == 4)
        #expect(!all.joined().contains("hush"))
        #expect(!all.joined().contains("\n"))
        #expect(all[0].contains("GET /msi/token: 401 The header X-IDENTITY-HEADER does not hold"))
        #expect(all[1].contains("GET /nothing: 404 Not Found"))
        #expect(all[2].contains("POST /\(tenant)/oauth2/token: 400 AADSTS700016: "))
        #expect(all[2].contains("'a?b'"))
        #expect(all[3].contains("403 This emulator answers loopback addresses only, and 10.1.2.3 is none."))
    }

    @Test
    func anAnswerIsNotLogged() async throws {
        let log = LogCapture()
        let logger = log.logger
        _ = try await EmulatorFixture.shared.value.get(
            "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://r",
            ["Metadata": "true"],
            logger: logger
        )
        #expect(log.lines.isEmpty)
    }
}
