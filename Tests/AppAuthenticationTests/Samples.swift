import Foundation
import Logging
import OAuthWire
import TestSupport
import TokenTransport

@testable import AppAuthentication

/// The values that the tables of these tests share.
enum Sample {
    static let tenantID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    static let appID = "f0b1f84a-ec74-4cef-8034-adbad168ce33"
    static let userAssignedID = "942343b1-4af2-490c-b6d9-9250b8f2808c"
    static let instance = "https://login.microsoftonline.com/"
    static let vault = "https://vault.azure.net/"
    static let graph = "https://graph.windows.net/"

    /// A JWT with this payload; no one checks its signature.
    static func jwt(_ payload: String) -> String {
        SampleJWT.text(payload)
    }

    static let appToken = Self.jwt("{\"appid\":\"\(appID)\",\"tid\":\"\(tenantID)\",\"exp\":1767312000}")
    static let userToken = Self.jwt("{\"upn\":\"a@b.c\",\"tid\":\"\(tenantID)\",\"exp\":1767312000}")

    static func answer(_ status: Int, _ body: String = "", headers: [(String, String)] = []) -> TransportResponse {
        TransportResponse(
            status: status,
            headers: headers.map { (name: $0.0, value: $0.1) },
            body: Data(body.utf8)
        )
    }

    /// What identity endpoints and the token endpoint answer.
    static func tokenAnswer(_ token: String = appToken, expiresOn: String = "\"1767229200\"") -> TransportResponse {
        Self.answer(
            200,
            """
            {"access_token":"\(token)","expires_on":\(expiresOn),"resource":"\(vault)","token_type":"Bearer"}
            """
        )
    }

    /// What `az` prints.
    static func cliAnswer(_ token: String = userToken) -> CommandResult {
        CommandResult(
            standardOutput: """
                {
                  "accessToken": "\(token)",
                  "expiresOn": "2026-11-24 04:18:11.000000",
                  "expires_on": 1767229200,
                  "tenant": "\(tenantID)",
                  "tokenType": "Bearer"
                }
                """
        )
    }

    static func token(_ text: String = "token", expiresIn seconds: TimeInterval, from now: Date) -> AccessToken {
        AccessToken(
            token: text,
            expiresOn: now.addingTimeInterval(seconds),
            principal: Principal(kind: .app, appID: appID, tenantID: tenantID)
        )
    }

    static func context(_ resource: String = vault, tenantID: String? = nil) -> TokenRequestContext {
        TokenRequestContext(resource: resource, tenantID: tenantID, azureADInstance: instance)
    }
}

extension CredentialDependencies {
    /// A world that is all made up.
    ///
    /// Its clock moves by itself whenever something waits.
    static func fake(
        environment: [String: String] = [:],
        transport: any HTTPTransport = FakeTransport([.failure(TransportError(.connection, "Connection refused"))]),
        commandRunner: any CommandRunner = FakeCommandRunner.nothingInstalled,
        probe: MetadataServiceProbe? = nil,
        clock: ManualClock = ManualClock(movesWhenSlept: true),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        tickets: any TicketSource = FakeTickets(failure: .noLibrary),
        root: String = "/nowhere"
    ) -> CredentialDependencies {
        CredentialDependencies(
            environment: environment,
            transport: transport,
            commandRunner: commandRunner,
            probe: probe ?? MetadataServiceProbe(uptime: { clock.now.offset }),
            clock: clock,
            now: { clock.date },
            logger: logger,
            tickets: tickets,
            memory: IntegratedAuthenticationMemory(),
            toolCooldown: ToolCooldown(uptime: { clock.now.offset }),
            zone: .utc,
            root: root
        )
    }
}
