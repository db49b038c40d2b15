import AppAuthentication
import Foundation
import OAuthWire
import ProgramSupport
import TestSupport
import TokenTransport

@testable import AzureToken

/// What the tests of the commands share.
enum Sample {
    static let tenantID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    static let vault = "https://vault.azure.net"

    /// 1 January 2032: the program has no other clock than the machine's, and does not believe what is past or far away.
    static let expiry = 1_956_528_000
    static let expiryText = "2032-01-01T00:00:00Z"

    static let userToken = SampleJWT.text("{\"upn\":\"a@b.c\",\"tid\":\"\(tenantID)\",\"exp\":\(expiry)}")

    static let cliAnswer = CommandResult(
        standardOutput: "{\"accessToken\":\"\(userToken)\",\"expires_on\":\(expiry),\"tokenType\":\"Bearer\"}"
    )

    /// A machine where `az` alone is signed in.
    static let signedInToCLI = FakeCommandRunner { command in
        guard command.name == "az" else { throw CommandError.notFound }
        return cliAnswer
    }

    static func token(
        _ text: String = userToken,
        expiresOn: Date = Date(timeIntervalSince1970: TimeInterval(expiry)),
        principal: Principal = Principal(kind: .user, tenantID: tenantID, userPrincipalName: "a@b.c")
    ) -> AccessToken {
        AccessToken(token: text, expiresOn: expiresOn, principal: principal)
    }
}

/// Runs the program as `main` does, in a world that is all made up.
struct Run {
    let exitCode: Int32
    let output: String
    let errors: String

    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        commandRunner: any CommandRunner = Sample.signedInToCLI,
        transport: any HTTPTransport = FakeTransport([.failure(TransportError(.connection, "Connection refused"))]),
        input: String = "",
        isOutputFull: Bool = false
    ) async {
        let output = Box("")
        let errors = Box("")
        self.exitCode = await AzureTokenCommand.run(
            arguments,
            in: CommandContext(
                environment: environment,
                transport: transport,
                commandRunner: commandRunner,
                probe: MetadataServiceProbe(),
                zone: .utc,
                guide: TroubleshootingGuide(path: "/doc/TROUBLESHOOTING.md"),
                readInput: { Data(input.utf8) },
                write: { text in
                    if isOutputFull { throw OutputError(reason: "No space left on device") }
                    output.withLock { $0 += text }
                },
                writeError: { text in errors.withLock { $0 += text } }
            )
        )
        self.output = output.value
        self.errors = errors.value
    }
}
