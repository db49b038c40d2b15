import AppAuthentication
import Foundation
import TestSupport
import Testing

@testable import AzureToken

@Suite("azure-token")
struct AzureTokenCommandTests {
    @Test(
        arguments: [
            (["get"], 64), (["get", "--resource", " "], 64), (["get", "--resource", "r", "--tenant", "a b"], 64),
            (["nonsense"], 64), (["doctor", "--timeout", "0"], 64), (["get", "--resource", "r", "-o", "xml"], 64),
            (["--help"], 0), (["help", "doctor"], 0),
        ] as [([String], Int32)]
    )
    func theCommandLineIsChecked(arguments: [String], exitCode: Int32) async {
        let run = await Run(arguments)
        #expect(run.exitCode == exitCode)
        #expect(run.output.isEmpty == (exitCode != 0))
        #expect(run.errors.isEmpty == (exitCode == 0))
    }

    @Test func theHelpListsEveryExitCode() async {
        let help = await Run(["--help"]).output.split(whereSeparator: \.isWhitespace)
        for code in ["0", "1", "64", "74", "75", "78"] { #expect(help.contains { $0 == code }, "\(code)") }
    }

    @Test(arguments: [
        (
            ["AzureServicesAuthConnectionString": "RunAs=Nobody;AppKey=s3cret"],
            "Connection string RunAs=Nobody;AppKey=<<Redacted>> is not valid. RunAs value 'Nobody' is not valid."
        ),
        (["AZURE_AUTHORITY_HOST": "http://example.com"], "It must use https."),
        (["LOG_LEVEL": "loud"], "LOG_LEVEL loud is not a level."),
    ])
    func aBadSettingIsOneSentenceAndExitCode78(environment: [String: String], sentence: String) async {
        for command in [["get", "--resource", "r"], ["whoami"], ["doctor"]] {
            let run = await Run(command, environment: environment)
            #expect(run.exitCode == 78)
            #expect(run.errors.contains(sentence))
            #expect(run.errors.hasPrefix("azure-token: "))
            #expect(run.output.isEmpty)
            #expect(!run.errors.contains("s3cret"))
        }
    }

    @Test func getPrintsTheTokenAndNothingElse() async {
        let run = await Run(["get", "--resource", Sample.vault])
        #expect(run.exitCode == 0)
        #expect(run.output == Sample.userToken + "\n")
        #expect(run.errors.isEmpty)
    }

    @Test func whenNoMethodWorksEachIsToldAndNothingIsPrinted() async {
        let run = await Run(["get", "--resource", Sample.vault], commandRunner: FakeCommandRunner.nothingInstalled)
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        #expect(
            run.errors.hasPrefix(
                """
                Tried the following 3 methods to get an access token for https://vault.azure.net, but none of them worked.

                Managed identity                            no token
                    Tried to get token using Managed Service Identity.
                """
            )
        )
        #expect(run.errors.contains("\n    See /doc/TROUBLESHOOTING.md#azure-cli\n"))
        #expect(run.errors.contains("az: command not found"))
        #expect(!run.errors.contains("Parameters: Connection String"))
    }

    @Test func aTokenThatCannotBePrintedIsNoSuccess() async {
        for command in [["get", "--resource", Sample.vault], ["whoami"], ["doctor"], ["--help"]] {
            let run = await Run(command, isOutputFull: true)
            #expect(run.exitCode == 74)
            #expect(run.errors == "azure-token: Standard output cannot be written to: No space left on device.\n")
        }
    }

    @Test(arguments: [
        ("whoami", "11111111-1111-1111-1111-111111111111", true), ("get", "11111111-1111-1111-1111-111111111111", true),
        ("whoami", Sample.tenantID.uppercased(), false), ("whoami", "contoso.com", false),
    ])
    func aTenantThatCouldNotBeHeededIsTold(command: String, tenant: String, isTold: Bool) async {
        let run = await Run([command, "--tenant", tenant] + (command == "get" ? ["--resource", Sample.vault] : []))
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("--tenant \(tenant) could not be heeded; the token is of the tenant") == isTold)
    }

    @Test func aScopeInThePlaceOfAResourceIsNamedAsSuch() async {
        let run = await Run(["get", "--resource", "\(Sample.vault)/.default"])
        #expect(run.exitCode == 0)
        #expect(
            run.errors.contains("\(Sample.vault)/.default is a scope; the token is for the resource before /.default.")
        )
        let list = await Run(["get", "--resource", "openid offline_access"])
        #expect(list.exitCode == 64)
        #expect(list.errors.contains("as a list of scopes has"))
    }

    @Test func whatLooksLikeAnOptionDoesNotReachATool() async {
        let runner = FakeCommandRunner(Sample.cliAnswer)
        for arguments in [["--resource=--help"], ["--resource", "r", "--tenant=--help"]] {
            let run = await Run(["get"] + arguments, commandRunner: runner)
            #expect(run.exitCode != 0)
            #expect(run.errors.contains("--help"))
        }
        #expect(runner.commands.isEmpty)
    }

    @Test func whoamiNamesThePrincipalAndTheMethod() async {
        let run = await Run(["whoami"])
        #expect(run.exitCode == 0)
        #expect(
            run.output == """
                principal: IsAuthenticated:True Type:User TenantId:\(Sample.tenantID) UserPrincipalName:a@b.c
                method:    Azure CLI
                expires:   \(Sample.expiryText)

                """
        )
    }

    /// What an access policy of the vault names, and the command that makes one.
    @Test(arguments: [
        (#""upn":"a@b.c""#, "", "users"),
        (#""appid":"app-1","idtyp":"app""#, ", of the service principal", "applications"),
    ])
    func whoamiSaysWhatLetsThePrincipalIntoAVault(claims: String, note: String, whose: String) async throws {
        let objectID = "6f2d4a1e-0000-4000-8000-00000000000a"
        let text = SampleJWT.text(
            "{\(claims),\"oid\":\"\(objectID.uppercased())\",\"tid\":\"\(Sample.tenantID)\",\"exp\":\(Sample.expiry)}"
        )
        let runner = FakeCommandRunner { command in
            guard command.name == "az" else { throw CommandError.notFound }
            return CommandResult(
                standardOutput: "{\"accessToken\":\"\(text)\",\"expires_on\":\(Sample.expiry),\"tokenType\":\"Bearer\"}"
            )
        }
        let grant =
            "token-vault policy grant --tenant \(Sample.tenantID) --object \(objectID) --permissions GetToken"
        let run = await Run(["whoami"], commandRunner: runner)
        #expect(run.output.contains("tenant id: \(Sample.tenantID)\n"), "\(whose)")
        #expect(run.output.contains("object id: \(objectID.uppercased())\(note)\n"), "\(whose)")
        #expect(run.output.contains("    \(grant)\n"), "\(whose)")
        let json = await Run(["whoami", "-o", "json"], commandRunner: runner).output
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(answer["grant"] as? String == grant)
        #expect((answer["principal"] as? [String: String])?["objectId"] == objectID.uppercased())
    }

    @Test func whoamiHasNoTokenInItsJSONEither() async throws {
        let run = await Run(["whoami", "-o", "json"])
        #expect(run.exitCode == 0)
        #expect(!run.output.contains(Sample.userToken))
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(answer["method"] as? String == "Azure CLI")
        #expect(answer["expiresOn"] as? String == Sample.expiryText)
        #expect((answer["principal"] as? [String: String])?["userPrincipalName"] == "a@b.c")
    }

    @Test func whatComesFromOutsideCannotMoveTheCursor() async {
        let runner = FakeCommandRunner(CommandResult(exitCode: 1, standardError: "\u{1B}[2Jgone\u{7}"))
        let run = await Run(["get", "--resource", Sample.vault], commandRunner: runner)
        #expect(run.errors.contains("    Tried to get token using Azure CLI. Access token could not be acquired. gone"))
        #expect(!run.errors.contains("\u{1B}"))
        #expect(!run.errors.contains("\u{7}"))
    }

    @Test func doctorTriesWhatTheSettingsDoNotSelectToo() async {
        let run = await Run(
            ["doctor"],
            environment: ["AzureServicesAuthConnectionString": "RunAs=Developer;DeveloperTool=AzurePowerShell"]
        )
        #expect(run.exitCode == 1)
        #expect(run.output.contains("Azure PowerShell"))
        #expect(run.output.contains("Azure CLI"))
        #expect(run.output.contains("No method that these settings select gives a token."))
        #expect(!run.output.contains(Sample.userToken))
    }

    @Test func doctorSaysWhichMethodIsUsed() async throws {
        let run = await Run(["doctor", "-o", "json"])
        #expect(run.exitCode == 0)
        #expect(!run.output.contains(Sample.userToken))
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(answer["used"] as? String == "Azure CLI")
        let methods = try #require(answer["methods"] as? [[String: Any]])
        #expect(methods.first?["method"] as? String == "Managed identity")
        #expect(methods.first?["works"] as? Bool == false)
        #expect(methods.first?["help"] as? String == "/doc/TROUBLESHOOTING.md#managed-identity")
        #expect(methods.filter { $0["works"] as? Bool == true }.map { $0["method"] as? String } == ["Azure CLI"])
    }
}
